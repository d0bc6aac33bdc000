import type { ConductCase } from '../../plan/conduct-cases.js';
import type { ConductLooks } from '../../record/conduct.js';
import type { WitnessedAnswer } from '../../record/conduct-witness.js';
import { type Attempt, type ConductPhase, type ConductRequest, type Fate, joinFates, wholeCourses } from './fate.js';
import { isolationRows, type IsolationRows } from './isolation.js';
import { leaverRows, outageRows, type LeaverRows, type OutageRows } from './outage.js';
import { mustNotRetryRows, retryRows, type RetryRows } from './retries.js';
import type { ConductRow } from './row.js';
import { standingRows, type StandingRows } from './standing.js';
import { streamRows, type StreamRows } from './streams.js';
import { witnessFates, witnessRows, type WitnessRows } from './witness.js';

/** How far the primary's share of first attempts is off the one that is configured, which split.ts knows. */
interface SplitRows {
  /** Before the fault. */
  readonly splitOffBefore: ConductRow;
  /** In the last third of the time behind it. */
  readonly splitOffAfter: ConductRow;
}

/** Every row, by its name in results. */
type Rows = RetryRows &
  OutageRows &
  LeaverRows &
  StreamRows &
  IsolationRows &
  ReturnType<typeof mustNotRetryRows> &
  Partial<WitnessRows & StandingRows & SplitRows>;
export type RowName = keyof Rows;

/** What was seen of one case. */
export interface SeenCase {
  readonly requests: readonly ConductRequest[];
  readonly attempts: readonly Attempt[];
  /** Records that the ledger had to forget. */
  readonly overwritten: number;
  /** As the mock played them. */
  readonly phases: readonly ConductPhase[];
  /** How long a client waits for its whole answer, microseconds. */
  readonly patienceUs: number;
  /** What a few requests beside the load were answered, word for word. Left out: none were made. */
  readonly witnesses?: readonly WitnessedAnswer[];
  /** How the target stood before the fault and behind it. Left out: nobody looked. */
  readonly looks?: ConductLooks | undefined;
}

/** The rows of one case and what they rest on. */
export interface CaseResult {
  readonly case: string;
  readonly streaming: boolean;
  readonly phases: readonly ConductPhase[];
  /** Requests by what is known of them, and attempts that belong to none. */
  readonly requests: { readonly known: number; readonly unknown: number; readonly strangeAttempts: number };
  readonly rows: Readonly<Partial<Record<RowName, ConductRow>>>;
}

/** Rows of every case in which a provider fails. */
const OUTAGE: readonly RowName[] = [
  'usualUs',
  'amplification',
  'mostAttempts',
  'retryGapUs',
  'leastRetryGapUs',
  'gapGrowth',
  'jitter',
  'retryPeak',
  'doubleWork',
  'servedShare',
  'servedAddedUs',
  'failoverUs',
  'probesPerSecond',
  'primaryTouchedShare',
  'returnFirstUs',
  'returnUs',
  'goodputAfter',
  'splitBefore',
  'splitAfter',
  'statusKeptShare',
];

const TOLD: readonly RowName[] = ['errorKeptShare', 'errorWrappedShare', 'errorLostShare', 'errorShowsShare'];
const ACCOUNTS: readonly RowName[] = ['usageKeptShare', 'modelKeptShare'];
const STANDING: readonly RowName[] = ['processesLost', 'descriptorsAfter', 'connectionsAfter', 'memoryAfter'];

/** Rows that a case is about: what it cannot show is not in its result. */
const ROWS: Readonly<Record<ConductCase['kind'], readonly RowName[]>> = {
  outage: [...OUTAGE, ...TOLD, ...ACCOUNTS, ...STANDING],
  slow: [...OUTAGE, 'abortPassedUs', 'abortPassedShare', 'attemptsAfterLeft', ...TOLD, ...ACCOUNTS, ...STANDING],
  limit: [...OUTAGE, 'retryAfterHonoured', 'backpressureShare', 'retryAfterPassedShare', ...TOLD, ...STANDING],
  overload: [
    'amplification',
    'mostAttempts',
    'servedShare',
    'doubleWork',
    'goodputAfter',
    'backpressureShare',
    ...STANDING,
  ],
  cut: ['amplification', 'doubleWork', 'cutToldShare', 'cutBrokenShare', 'cutShortShare', 'cutForgedShare'],
  stall: ['amplification', 'doubleWork', 'stallBoundUs', 'abortPassedShare', ...STANDING],
  terminal: ['mustNotRetry', 'mustNotRetryFallback', 'statusKeptShare', ...TOLD],
  leave: ['abortPassedUs', 'abortPassedShare', 'attemptsAfterLeft'],
  isolation: ['servedShare', 'asideServedShare', 'asideAddedUs'],
  calm: ['servedShare', 'amplification', 'usualUs', 'splitBefore', ...ACCOUNTS, ...STANDING],
};

/** Why attempts are missing while a port is closed. */
const REFUSED = 'connections that the kernel refused leave no record at the provider';

/** The rows of a case, from what driver and mock saw. */
export function caseRows(played: ConductCase, seen: SeenCase): CaseResult {
  const { requests, attempts, phases, overwritten } = ofTheLoad(seen);
  const { known, unknown, strange } = joinFates(requests, attempts, phases, overwritten);
  const rows = allRows(played, seen, known);
  return {
    case: played.name,
    streaming: played.streaming,
    phases: seen.phases,
    requests: { known: known.length, unknown, strangeAttempts: strange },
    rows: Object.fromEntries(
      ROWS[played.kind].flatMap((name) => (rows[name] === undefined ? [] : [[name, rows[name]]])),
    ),
  };
}

/** What was seen without the witnesses, which are no load. */
export function ofTheLoad(seen: SeenCase): SeenCase {
  const ids = new Set(seen.witnesses?.map(({ id }) => id));
  return ids.size === 0 ? seen : { ...seen, attempts: seen.attempts.filter(({ id }) => !ids.has(id)) };
}

function allRows(
  { primary, refuses, retryAfterMs }: ConductCase,
  { phases, patienceUs, witnesses, looks, attempts, overwritten }: SeenCase,
  all: readonly Fate[],
): Rows {
  const known = all.filter(({ request }) => request.isAside !== true);
  const during = known.filter(({ phase }) => phase === 'fault');
  const refused = refuses ? REFUSED : null;
  const fault = phases.find(({ name }) => name === 'fault');
  const whole = fault === undefined ? [] : wholeCourses(during, fault);
  return {
    ...retryRows(whole, refused, retryAfterMs === null ? null : 1000 * retryAfterMs),
    ...outageRows({ fates: known, phases, primary, refused }),
    ...leaverRows(during),
    ...streamRows(during, patienceUs),
    ...mustNotRetryRows(whole),
    ...isolationRows(all.filter(({ request }) => request.isAside === true)),
    ...(witnesses === undefined ? {} : witnessRows(witnessFates(witnesses, attempts, phases, overwritten))),
    ...(looks === undefined ? {} : standingRows(looks)),
  };
}
