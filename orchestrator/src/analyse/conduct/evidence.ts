import type { ConductCase } from '../../plan/conduct-cases.js';
import { ofTheLoad, type RowName, type SeenCase } from './case-rows.js';
import { type Fate, hasLeft, isServed, joinFates, wholeCourses } from './fate.js';
import { isHeard, leftAttempt } from './outage.js';
import { firstGap, isDoubleWork, isTerminal, pauseAtOne, TIMER_US } from './retries.js';
import { lengthUs } from './isolation.js';
import { type Ending, endingOf, stalledUs } from './streams.js';
import { accountOf, type Fidelity, fidelityOf, isShowing, type WitnessFate, witnessFates } from './witness.js';

/** What selectors choose from. */
interface Seen {
  readonly before: readonly Fate[];
  readonly during: readonly Fate[];
  readonly after: readonly Fate[];
  /** Of `during`, those whose course lies whole within the fault. */
  readonly whole: readonly Fate[];
  /** Requests of the fault for the other model. */
  readonly aside: readonly Fate[];
  /** Those of the fault whose answers were kept. */
  readonly witnesses: readonly WitnessFate[];
  readonly played: ConductCase;
}

/** Which requests a row points at, the plainest first. */
type Selector = (seen: Seen) => readonly Fate[];

const SELECTORS: Readonly<Record<RowName, Selector>> = {
  servedShare: unserved,
  failoverUs: unserved,
  amplification: triedAgain,
  mostAttempts: triedAgain,
  retryPeak: triedAgain,
  retryGapUs: byGap(-1),
  gapGrowth: byGap(-1),
  jitter: byGap(-1),
  leastRetryGapUs: byGap(1),
  retryAfterHonoured: ({ whole, played: { retryAfterMs } }) =>
    whole
      .flatMap((fate) => {
        const pauseUs = pauseAtOne(fate.attempts);
        return pauseUs === null || pauseUs >= 1000 * (retryAfterMs ?? 0) - TIMER_US ? [] : { fate, pauseUs };
      })
      .toSorted((a, b) => a.pauseUs - b.pauseUs)
      .map(({ fate }) => fate),
  doubleWork: ({ whole }) => whole.filter(isDoubleWork),
  servedAddedUs: ({ during, played: { primary } }) =>
    slowestFirst(during.filter((fate) => isServed(fate) && fate.attempts.at(-1)?.provider !== primary)),
  primaryTouchedShare: touching,
  probesPerSecond: touching,
  returnFirstUs: elsewhere,
  returnUs: elsewhere,
  goodputAfter: ({ after }) => after.filter((fate) => !isServed(fate)),
  splitBefore: ({ before, played: { primary } }) => before.filter(({ attempts }) => attempts[0]?.provider === primary),
  splitOffBefore: ({ before }) => before.filter(({ attempts }) => attempts.length > 0),
  splitOffAfter: ({ after }) => after.filter(({ attempts }) => attempts.length > 0),
  usualUs: ({ before }) => slowestFirst(before.filter(isServed)),
  splitAfter: ({ after, played: { primary } }) => after.filter(({ attempts }) => attempts[0]?.provider === primary),
  backpressureShare: (seen) => unserved(seen).filter(({ request }) => request.status !== 429),
  statusKeptShare: (seen) =>
    unserved(seen).filter(
      ({ request, attempts }) =>
        request.status >= 400 && attempts.length > 0 && attempts.at(-1)?.status !== request.status,
    ),
  cutToldShare: ending('told'),
  cutBrokenShare: ending('broken'),
  cutShortShare: ending('short'),
  cutForgedShare: ending('forged'),
  stallBoundUs: ({ during }) => slowestFirst(during.filter((fate) => stalledUs(fate) !== null)),
  mustNotRetry: failedFirst,
  mustNotRetryFallback: (seen) =>
    failedFirst(seen).filter(({ attempts }) => new Set(attempts.map(({ provider }) => provider)).size > 1),
  abortPassedShare: unheard,
  abortPassedUs: ({ during }) => slowestFirst(during.filter((fate) => leftAttempt(fate) !== null)),
  attemptsAfterLeft: ({ during }) =>
    during.filter(
      (fate) => hasLeft(fate) && fate.attempts.some(({ arrivedUs }) => arrivedUs > (fate.request.endUs ?? Infinity)),
    ),
  errorKeptShare: fidelity('kept'),
  errorWrappedShare: fidelity('wrapped'),
  errorLostShare: fidelity('lost'),
  errorShowsShare: witnessing(isShowing),
  retryAfterPassedShare: witnessing(
    ({ answer, reference }) =>
      answer.status >= 400 && answer.retryAfter === null && (reference?.retryAfter ?? null) !== null,
  ),
  usageKeptShare: witnessing((each) => accountOf(each)?.usage === false),
  modelKeptShare: witnessing((each) => accountOf(each)?.model === false),
  asideServedShare: ({ aside }) => aside.filter((fate) => !isServed(fate)),
  asideAddedUs: ({ aside }) => slowestFirst(aside),
  // Of the target itself and of no request.
  processesLost: () => [],
  descriptorsAfter: () => [],
  connectionsAfter: () => [],
  memoryAfter: () => [],
};

/**
 * The requests that a row's figure points at: those that were tried again for its amplification, those that were not served for its served
 * share. In the order of how plainly they show it, which need not be that of time. Requests whose fate cannot be told are never among them.
 */
export function requestsBehind(row: RowName, played: ConductCase, seen: SeenCase): readonly Fate[] {
  return SELECTORS[row](chooseFrom(played, seen));
}

/** The known requests of a case, in the order in which they were due, and behind them those whose answers were kept. */
export function knownFates(seen: SeenCase): readonly Fate[] {
  return [...loadFates(seen), ...witnessesOf(seen).map(({ fate }) => fate)];
}

function loadFates(seen: SeenCase): readonly Fate[] {
  const { requests, attempts, phases, overwritten } = ofTheLoad(seen);
  return joinFates(requests, attempts, phases, overwritten).known;
}

function witnessesOf({ witnesses = [], attempts, phases, overwritten }: SeenCase): readonly WitnessFate[] {
  return witnessFates(witnesses, attempts, phases, overwritten);
}

function chooseFrom(played: ConductCase, seen: SeenCase): Seen {
  const all = loadFates(seen);
  const known = all.filter(({ request }) => request.isAside !== true);
  const [before, during, after] = (['before', 'fault', 'after'] as const).map((name) =>
    known.filter(({ phase }) => phase === name),
  ) as [Fate[], Fate[], Fate[]];
  const fault = seen.phases.find(({ name }) => name === 'fault');
  return {
    before,
    during,
    after,
    played,
    aside: all.filter(({ request, phase }) => request.isAside === true && phase === 'fault'),
    witnesses: witnessesOf(seen).filter(({ fate }) => fate.phase === 'fault'),
    whole: fault === undefined ? [] : wholeCourses(during, fault),
  };
}

function unserved({ during }: Pick<Seen, 'during'>): readonly Fate[] {
  return during.filter((fate) => !isServed(fate));
}

function triedAgain({ whole }: Pick<Seen, 'whole'>): readonly Fate[] {
  return whole
    .filter(({ attempts }) => attempts.length > 1)
    .toSorted((one, other) => other.attempts.length - one.attempts.length);
}

/** @param order 1: the shortest pause first; −1: the longest */
function byGap(order: 1 | -1): (seen: Pick<Seen, 'whole'>) => readonly Fate[] {
  const gapOf = ({ attempts }: Fate): number | null => firstGap(attempts)?.gapUs ?? null;
  return ({ whole }) =>
    whole
      .filter((fate) => gapOf(fate) !== null)
      .toSorted((one, other) => order * ((gapOf(one) as number) - (gapOf(other) as number)));
}

function touching({ during, played: { primary } }: Pick<Seen, 'during' | 'played'>): readonly Fate[] {
  return during.filter(({ attempts }) => attempts.some(({ provider }) => provider === primary));
}

function elsewhere({ after, played: { primary } }: Pick<Seen, 'after' | 'played'>): readonly Fate[] {
  return after.filter(({ attempts }) => attempts.length > 0 && attempts[0]?.provider !== primary);
}

function ending(which: Ending): Selector {
  return ({ during }) => during.filter((fate) => endingOf(fate) === which);
}

function failedFirst({ whole }: Pick<Seen, 'whole'>): readonly Fate[] {
  return triedAgain({ whole: whole.filter(({ attempts: [first] }) => first !== undefined && isTerminal(first)) });
}

function unheard({ during }: Pick<Seen, 'during'>): readonly Fate[] {
  return during.filter((fate) => {
    const attempt = leftAttempt(fate);
    return attempt !== null && !isHeard(attempt);
  });
}

function slowestFirst(fates: readonly Fate[]): readonly Fate[] {
  return fates.toSorted((one, other) => lengthUs(other) - lengthUs(one));
}

function witnessing(isIt: (witness: WitnessFate) => boolean): Selector {
  return ({ witnesses }) => witnesses.filter(isIt).map(({ fate }) => fate);
}

function fidelity(which: Fidelity): Selector {
  return witnessing((witness) => fidelityOf(witness) === which);
}
