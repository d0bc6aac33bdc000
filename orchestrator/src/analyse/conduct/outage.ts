import { type Attempt, type ConductPhase, type Fate, hasLeft, isFailed, isServed } from './fate.js';
import { medianOf } from '../student.js';
import { type ConductRow, medianRow, momentRow, nothingSeen, shareRow, statisticRow } from './row.js';

/** So many requests served in a row are no luck, also where every second one is served. */
const IN_A_ROW = 20;
/** Requests that are looked at together when the share of the primary is asked for. */
const TOGETHER = 20;
const MOST_OF_THEM = 0.9;

/** The rows about getting through an outage and back from it. */
export interface OutageRows {
  /** Median latency of what was served before the fault: what a gateway costs while nothing fails. */
  readonly usualUs: ConductRow;
  /** Right answers of the requests due while the fault lasted. */
  readonly servedShare: ConductRow;
  /** Median latency of those that another than the primary served, less that before the fault. */
  readonly servedAddedUs: ConductRow;
  /** From the first faulty attempt to the end of the first of twenty requests in a row that were served. */
  readonly failoverUs: ConductRow;
  /** Attempts a second at the primary, and the share of requests that touched it. */
  readonly probesPerSecond: ConductRow;
  readonly primaryTouchedShare: ConductRow;
  /** From the end of the fault to the first attempt at the primary, and to 90 % of twenty requests in a row there. */
  readonly returnFirstUs: ConductRow;
  readonly returnUs: ConductRow;
  /** Served share of the last third of the time behind the fault over that before it. */
  readonly goodputAfter: ConductRow;
  /** The primary's share of first attempts before the fault, and in the last third of the time behind it. */
  readonly splitBefore: ConductRow;
  readonly splitAfter: ConductRow;
  /** Of requests that were not served while the fault lasted: told so by 429. */
  readonly backpressureShare: ConductRow;
  /** Of requests that failed with a status: the status is that of their last attempt. */
  readonly statusKeptShare: ConductRow;
}

/** What the rows are made of. */
interface Outage {
  readonly fates: readonly Fate[];
  readonly phases: readonly ConductPhase[];
  readonly primary: string;
  /** Why attempts at the primary may be missing from the ledger; null: none are. */
  readonly refused: string | null;
}

/** The rows of a case in which a provider fails, of what became of its requests. */
export function outageRows({ fates, phases, primary, refused }: Outage): OutageRows {
  const inPhase = (name: ConductPhase['name']): Fate[] => fates.filter(({ phase }) => phase === name);
  const [before, during, after] = [inPhase('before'), inPhase('fault'), inPhase('after')];
  const fault = phases.find(({ name }) => name === 'fault');
  const ended = phases.find(({ name }) => name === 'after');
  const seconds = fault === undefined ? 0 : (fault.untilUs - fault.fromUs) / 1e6;
  const touching = during.filter(({ attempts }) => attempts.some(({ provider }) => provider === primary));
  const atPrimary = during.flatMap(({ attempts }) =>
    attempts.filter(({ provider, arrivedUs }) => provider === primary && arrivedUs < (fault?.untilUs ?? 0)),
  );
  const cannotTell = (row: ConductRow): ConductRow =>
    refused === null ? row : { state: 'cannot-tell', reason: refused };
  const unserved = during.filter((fate) => !isServed(fate));
  const told = unserved.filter(({ request, attempts }) => request.status >= 400 && attempts.length > 0);
  return {
    usualUs: medianRow(
      before.filter(isServed).flatMap((fate) => latencyOf(fate) ?? []),
      'requests served before the fault',
    ),
    servedShare: shareRow(during.filter(isServed).length, during.length, 'requests while the fault lasted'),
    servedAddedUs: addedRow(before, during, primary),
    failoverUs: failoverRow(during, fault, refused),
    probesPerSecond: cannotTell(
      seconds === 0
        ? nothingSeen('there was no fault')
        : statisticRow(perSecond(atPrimary, fault as ConductPhase), (counts) => sum(counts) / counts.length, 'seconds'),
    ),
    primaryTouchedShare: cannotTell(shareRow(touching.length, during.length, 'requests while the fault lasted')),
    returnFirstUs: returnFirstRow(after, ended, primary),
    returnUs: returnRow(before, after, ended, primary),
    goodputAfter: goodputRow(before, after, ended),
    splitBefore: splitRow(before, primary, 'attempts before the fault'),
    splitAfter: splitRow(lastThird(after, ended), primary, 'attempts in the last third behind the fault'),
    backpressureShare: shareRow(
      unserved.filter(({ request }) => request.status === 429).length,
      unserved.length,
      'requests that were not served',
    ),
    statusKeptShare: shareRow(
      told.filter(({ request, attempts }) => attempts.at(-1)?.status === request.status).length,
      told.length,
      'requests that failed with a status',
    ),
  };
}

/** Of each whole second of the phase; the last one may be shorter and is left out, unless it is the only one. */
function perSecond(attempts: readonly Attempt[], { fromUs, untilUs }: ConductPhase): number[] {
  const counts = Array.from({ length: Math.max(1, Math.floor((untilUs - fromUs) / 1e6)) }, () => 0);
  for (const { arrivedUs } of attempts) {
    const second = Math.floor((arrivedUs - fromUs) / 1e6);
    if (second in counts) counts[second] = (counts[second] as number) + 1;
  }
  return counts;
}

function addedRow(before: readonly Fate[], during: readonly Fate[], primary: string): ConductRow {
  const usual = before.filter(isServed).flatMap((fate) => latencyOf(fate) ?? []);
  const elsewhere = during
    .filter((fate) => isServed(fate) && fate.attempts.length > 0 && fate.attempts.at(-1)?.provider !== primary)
    .flatMap((fate) => latencyOf(fate) ?? []);
  if (usual.length === 0) return nothingSeen('nothing was served before the fault');
  const usualUs = medianOf(usual);
  return statisticRow(
    elsewhere.map((us) => us - usualUs),
    medianOf,
    'requests served by another provider',
  );
}

function latencyOf({ request: { dueUs, endUs } }: Fate): number | null {
  return endUs === null ? null : endUs - dueUs;
}

function failoverRow(during: readonly Fate[], fault: ConductPhase | undefined, refused: string | null): ConductRow {
  if (fault === undefined) return nothingSeen('there was no fault');
  const faulty = during.flatMap(({ attempts }) =>
    attempts.filter((attempt) => attempt.fault !== null || isFailed(attempt)).map(({ arrivedUs }) => arrivedUs),
  );
  // A closed port leaves no record; it was closed when the phase began.
  const fromUs = refused === null ? faulty.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY) : fault.fromUs;
  if (fromUs === Number.POSITIVE_INFINITY) return nothingSeen('no attempt met the fault');
  const due = during.filter(({ request }) => (request.endUs ?? Number.POSITIVE_INFINITY) >= fromUs);
  const start = due.findIndex((_, i) => due.length - i >= IN_A_ROW && due.slice(i, i + IN_A_ROW).every(isServed));
  const first = due[start];
  if (first === undefined || first.request.endUs === null)
    return {
      state: 'beyond-phase',
      reason: `${IN_A_ROW} requests in a row were never served while the fault lasted`,
      value: fault.untilUs - fromUs,
    };
  return momentRow(Math.max(0, first.request.endUs - fromUs), spacingUs(due));
}

/** Mean time between two requests. */
function spacingUs(fates: readonly Fate[]): number {
  const [first, last] = [fates[0]?.request.dueUs ?? 0, fates.at(-1)?.request.dueUs ?? 0];
  return fates.length < 2 ? 0 : (last - first) / (fates.length - 1);
}

function returnFirstRow(after: readonly Fate[], phase: ConductPhase | undefined, primary: string): ConductRow {
  if (phase === undefined || after.length === 0) return nothingSeen('nothing was asked behind the fault');
  const arrivals = after.flatMap(({ attempts }) =>
    attempts.filter(({ provider }) => provider === primary).map(({ arrivedUs }) => arrivedUs),
  );
  if (arrivals.length === 0) return neverBack(phase);
  return momentRow(Math.max(0, arrivals.reduce((a, b) => Math.min(a, b)) - phase.fromUs), spacingUs(after));
}

/** To 90 % of what the primary had before: of two equal providers that is 45 %. */
function returnRow(
  before: readonly Fate[],
  after: readonly Fate[],
  phase: ConductPhase | undefined,
  primary: string,
): ConductRow {
  const reached = before.filter(({ attempts }) => attempts.length > 0);
  if (phase === undefined || after.length === 0 || reached.length === 0)
    return nothingSeen('nothing was asked before or behind the fault');
  const isFirstThere = ({ attempts }: Fate): boolean => attempts[0]?.provider === primary;
  const wanted = (MOST_OF_THEM * reached.filter(isFirstThere).length) / reached.length;
  if (wanted === 0) return nothingSeen('the primary was not asked before the fault');
  for (let i = 0; i + TOGETHER <= after.length; i += 1) {
    const share = after.slice(i, i + TOGETHER).filter(isFirstThere).length / TOGETHER;
    // What was due before the end of the fault may have come behind it.
    const backUs = Math.max(0, (after[i] as Fate).request.dueUs - phase.fromUs);
    if (share >= wanted) return momentRow(backUs, spacingUs(after));
  }
  return neverBack(phase);
}

function neverBack({ fromUs, untilUs }: ConductPhase): ConductRow {
  return {
    state: 'beyond-phase',
    reason: 'the primary was not asked as before until the end of the case',
    value: untilUs - fromUs,
  };
}

function goodputRow(before: readonly Fate[], after: readonly Fate[], phase: ConductPhase | undefined): ConductRow {
  const usual = before.filter(isServed).length / before.length;
  if (phase === undefined || !(usual > 0)) return nothingSeen('nothing was served before the fault');
  return statisticRow(
    lastThird(after, phase).map((fate) => (isServed(fate) ? 1 : 0)),
    (served) => sum(served) / served.length / usual,
    'requests in the last third behind the fault',
  );
}

/** Those due when a gateway has had most of the phase to come back in. */
function lastThird(after: readonly Fate[], phase: ConductPhase | undefined): readonly Fate[] {
  if (phase === undefined) return [];
  const fromUs = phase.untilUs - (phase.untilUs - phase.fromUs) / 3;
  return after.filter(({ request }) => request.dueUs >= fromUs);
}

function splitRow(fates: readonly Fate[], primary: string, about: string): ConductRow {
  const reached = fates.filter(({ attempts }) => attempts.length > 0);
  return shareRow(reached.filter(({ attempts }) => attempts[0]?.provider === primary).length, reached.length, about);
}

/** Requests whose client had left, and what went on for them. */
export interface LeaverRows {
  /** From the client's going to the moment at which the provider saw it, median; attempts that went on to their end are not in it. */
  readonly abortPassedUs: ConductRow;
  /** Share of requests whose client left while an attempt was under way, of which the provider heard before its own end. */
  readonly abortPassedShare: ConductRow;
  /** Attempts begun after the client had left, a request that was left. */
  readonly attemptsAfterLeft: ConductRow;
}

/** The rows of a case whose clients leave, of what became of its requests. */
export function leaverRows(fates: readonly Fate[]): LeaverRows {
  const left = fates.filter((fate) => hasLeft(fate) && fate.request.endUs !== null);
  const leftUs = ({ request }: Fate): number => request.endUs as number;
  const underWay = left.flatMap((fate) => {
    const attempt = leftAttempt(fate);
    return attempt === null ? [] : [{ attempt, leftUs: leftUs(fate) }];
  });
  const heard = underWay.filter(({ attempt }) => isHeard(attempt));
  return {
    abortPassedUs: statisticRow(
      heard.map(({ attempt, leftUs: us }) => (attempt.endUs as number) - us),
      medianOf,
      'requests whose leaving a provider heard of',
    ),
    abortPassedShare: shareRow(heard.length, underWay.length, 'clients that left while an attempt was under way'),
    attemptsAfterLeft: statisticRow(
      left.map((fate) => fate.attempts.filter(({ arrivedUs }) => arrivedUs > leftUs(fate)).length),
      (counts) => sum(counts) / counts.length,
      'clients that left',
    ),
  };
}

/** The attempt that was under way when the client left; null where it had not left, or none was. */
export function leftAttempt(fate: Fate): Attempt | null {
  const { endUs } = fate.request;
  if (!hasLeft(fate) || endUs === null) return null;
  const attempt = fate.attempts.findLast(({ arrivedUs }) => arrivedUs <= endUs);
  return attempt !== undefined && (attempt.endUs ?? Number.POSITIVE_INFINITY) > endUs ? attempt : null;
}

/** Whether a provider heard that nobody waits any more before it had answered. */
export function isHeard({ end, endUs }: Attempt): boolean {
  return end === 'aborted' && endUs !== null;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
