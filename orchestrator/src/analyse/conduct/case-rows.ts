import type { ConductCase } from '../../plan/conduct-cases.js';
import { type Attempt, type ConductPhase, type ConductRequest, type Fate, joinFates, wholeCourses } from './fate.js';
import { leaverRows, outageRows, type LeaverRows, type OutageRows } from './outage.js';
import { mustNotRetryRows, retryRows, type RetryRows } from './retries.js';
import type { ConductRow } from './row.js';
import { streamRows, type StreamRows } from './streams.js';

/** Every row, by its name in results. */
type Rows = RetryRows & OutageRows & LeaverRows & StreamRows & ReturnType<typeof mustNotRetryRows>;
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

/** Rows that a case is about: what it cannot show is not in its result. */
const ROWS: Readonly<Record<ConductCase['kind'], readonly RowName[]>> = {
  outage: OUTAGE,
  slow: [...OUTAGE, 'abortPassedUs', 'abortPassedShare', 'attemptsAfterLeft'],
  limit: [...OUTAGE, 'retryAfterHonoured', 'backpressureShare'],
  overload: ['amplification', 'mostAttempts', 'servedShare', 'doubleWork', 'goodputAfter', 'backpressureShare'],
  cut: ['amplification', 'doubleWork', 'cutToldShare', 'cutBrokenShare', 'cutShortShare', 'cutForgedShare'],
  stall: ['amplification', 'doubleWork', 'stallBoundUs', 'abortPassedShare'],
  terminal: ['mustNotRetry', 'mustNotRetryFallback', 'statusKeptShare'],
  leave: ['abortPassedUs', 'abortPassedShare', 'attemptsAfterLeft'],
};

/** Why attempts are missing while a port is closed. */
const REFUSED = 'connections that the kernel refused leave no record at the provider';

/** The rows of a case, from what driver and mock saw. */
export function caseRows(played: ConductCase, seen: SeenCase): CaseResult {
  const { known, unknown, strange } = joinFates(seen.requests, seen.attempts, seen.phases, seen.overwritten);
  const during = known.filter(({ phase }) => phase === 'fault');
  const rows = allRows(played, seen, known, during);
  return {
    case: played.name,
    streaming: played.streaming,
    phases: seen.phases,
    requests: { known: known.length, unknown, strangeAttempts: strange },
    rows: Object.fromEntries(ROWS[played.kind].map((name) => [name, rows[name]])),
  };
}

function allRows(
  { primary, refuses, retryAfterMs }: ConductCase,
  { phases, patienceUs }: SeenCase,
  known: readonly Fate[],
  during: readonly Fate[],
): Rows {
  const refused = refuses ? REFUSED : null;
  const fault = phases.find(({ name }) => name === 'fault');
  const whole = fault === undefined ? [] : wholeCourses(during, fault);
  return {
    ...retryRows(whole, refused, retryAfterMs === null ? null : 1000 * retryAfterMs),
    ...outageRows({ fates: known, phases, primary, refused }),
    ...leaverRows(during),
    ...streamRows(during, patienceUs),
    ...mustNotRetryRows(whole),
  };
}
