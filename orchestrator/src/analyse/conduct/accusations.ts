import type { CaseResult, RowName } from './case-rows.js';
import { isMeasured, type MeasuredRow } from './row.js';

/** A bound beyond which a row speaks against a gateway, and whose bound that is. */
export interface Bound {
  readonly row: RowName;
  /** Beyond it is bad, above or below. */
  readonly bad: 'above' | 'below';
  readonly bound: number;
  readonly what: string;
  readonly source: string;
  /** Cases in which the row says it; left out: every one that has the row. */
  readonly only?: readonly string[];
}

/** The bounds, each with its reason; docs/conduct.md has them at length. */
const BOUNDS: readonly Bound[] = [
  {
    row: 'amplification',
    bad: 'above',
    bound: 3,
    what: 'sends more than three attempts a request',
    source:
      'three attempts is what clients of providers do by default; a budget of 10 % (1.1) is what Google SRE advises',
  },
  {
    row: 'retryAfterHonoured',
    bad: 'below',
    bound: 0.9,
    what: 'tries again before the Retry-After is over',
    source: 'RFC 9110, 10.2.3',
  },
  {
    row: 'backpressureShare',
    bad: 'below',
    bound: 0.5,
    what: 'does not tell its clients that every provider says 429',
    source: 'RFC 6585, 4: a client that is not told cannot slow down',
    only: ['rate-limit', 'rate-limit-long'],
  },
  {
    row: 'cutForgedShare',
    bad: 'above',
    bound: 0,
    what: 'gives streams that were cut a proper end',
    source: 'a client cannot tell such an answer from a whole one',
    // All of a stream that only lacks its [DONE] has come: to add it is no forgery.
    only: ['cut-streams', 'error-frame'],
  },
  {
    row: 'cutShortShare',
    bad: 'above',
    bound: 0,
    what: 'ends streams that were cut cleanly, without their own end',
    source: 'RFC 9112, 8: an incomplete message is to be passed on as incomplete',
    // What only lacks its [DONE] is passed on as it came.
    only: ['cut-streams', 'error-frame'],
  },
  {
    row: 'abortPassedShare',
    bad: 'below',
    bound: 0.9,
    what: 'goes on for clients that have left',
    source: 'tokens that nobody reads are paid for',
    only: ['client-leaves'],
  },
  {
    row: 'attemptsAfterLeft',
    bad: 'above',
    bound: 0,
    what: 'begins attempts for clients that have left',
    source: 'tokens that nobody reads are paid for',
  },
  {
    row: 'mustNotRetry',
    bad: 'above',
    bound: 1,
    what: 'tries again what no second attempt can mend',
    source: 'RFC 9110, 15.5.1: the request is not to be repeated unchanged',
  },
  {
    row: 'doubleWork',
    bad: 'above',
    bound: 0,
    what: 'has two whole answers made for one request',
    source: 'both are paid for',
  },
  {
    row: 'goodputAfter',
    bad: 'below',
    bound: 0.9,
    what: 'does not come back when the fault is over',
    source: 'metastable failures: Bronson et al., HotOS 2021; Huang et al., OSDI 2022',
  },
  {
    row: 'splitOffBefore',
    bad: 'above',
    bound: 0.05,
    what: 'asks its primary more or less often than it is configured to',
    source: 'a tolerance of ours: weights are set for quotas and prices',
  },
  {
    row: 'errorShowsShare',
    bad: 'above',
    bound: 0,
    what: 'shows its clients the address or the key of a provider',
    source: 'CWE-209: an error that tells of the inside',
  },
  {
    row: 'usageKeptShare',
    bad: 'below',
    bound: 0.98,
    what: 'tells another usage than the provider that answered, or none',
    source: 'usage is what is paid for',
  },
  {
    row: 'asideServedShare',
    bad: 'below',
    bound: 0.9,
    what: 'lets a model fail whose provider is well',
    source: 'bulkheads: Nygard, Release It!, 2nd ed., 4',
  },
  {
    row: 'processesLost',
    bad: 'above',
    // Half of one: what is counted once has no interval.
    bound: 0.5,
    what: 'loses processes of its own',
    source: 'whoever waited for an answer of one has none',
  },
  {
    row: 'memoryAfter',
    bad: 'above',
    bound: 2,
    what: 'holds more than twice the memory, when all is over, that the same load took before',
    source: 'a tolerance of ours: what each outage adds to ends a gateway',
    only: ['afterwards'],
  },
  {
    row: 'descriptorsAfter',
    bad: 'above',
    bound: 2,
    what: 'holds more than twice the descriptors, when all is over, that the same load took before',
    source: 'a tolerance of ours: what each outage adds to ends a gateway',
    only: ['afterwards'],
  },
];

/** What a row says against a gateway. */
export interface Accusation {
  readonly case: string;
  readonly row: RowName;
  readonly what: string;
  readonly source: string;
}

/**
 * What the rows of a case say against a gateway. A quantity accuses only with its whole interval beyond the bound; of shares that have to be
 * 0, which no interval excludes, the value decides, from at least three requests.
 */
export function accusations({ case: name, rows }: CaseResult): Accusation[] {
  const said = BOUNDS.filter((bound) => boundOf(name, bound.row) === bound).flatMap((bound) => {
    const row = rows[bound.row];
    return row !== undefined && isMeasured(row) && readBound(row, bound) === 'against' ? [accusation(name, bound)] : [];
  });
  const stall = rows.stallBoundUs;
  if (stall === undefined || !('state' in stall) || stall.state !== 'beyond-phase') return said;
  const what = 'lets streams stall for as long as a client waits';
  const source = 'no documentation promises it; what hangs holds a connection on both sides';
  return [...said, { case: name, row: 'stallBoundUs', what, source }];
}

/** Fewer than this are no pattern. */
const LEAST = 3;

/** The bound of a row in a case; undefined where nobody set one. */
export function boundOf(name: string, row: string): Bound | undefined {
  return BOUNDS.find((bound) => bound.row === row && (bound.only === undefined || bound.only.includes(name)));
}

/** What a quantity says of its bound. `open`: its interval has room on both sides of it. */
export function readBound(
  { value, low, high, count }: MeasuredRow,
  { bad, bound }: Bound,
): 'against' | 'within' | 'open' {
  if (bad === 'below') {
    if (high < bound) return 'against';
    return low >= bound ? 'within' : 'open';
  }
  if (bound === 0) {
    if (value === 0) return 'within';
    return value * count >= LEAST ? 'against' : 'open';
  }
  if (low > bound) return 'against';
  return high <= bound ? 'within' : 'open';
}

function accusation(name: string, { row, what, source }: Bound): Accusation {
  return { case: name, row, what, source };
}
