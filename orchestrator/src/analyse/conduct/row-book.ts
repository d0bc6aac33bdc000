import type { ConductPhase } from './fate.js';
import type { RowName } from './case-rows.js';

/** What a row is counted in. `us` is a time in microseconds, `share` from 0 to 1, `rate` a second, `times` a plain number. */
export type RowUnit = 'us' | 'share' | 'rate' | 'times';

/** What is known of a row whatever it says. */
export interface RowEntry {
  /** At the head of a column. */
  readonly head: string;
  /** What it says, in a sentence. */
  readonly about: string;
  readonly unit: RowUnit;
  /** Which way is better for clients; null: neither is by itself. */
  readonly better: 'less' | 'more' | null;
  /** Whose requests it is made of. */
  readonly phase: ConductPhase['name'];
}

/** Every row, in the order in which a scorecard shows them. */
export const ROW_BOOK: Readonly<Record<RowName, RowEntry>> = {
  servedShare: during('served', 'right and whole answers of the requests due in the fault', 'share', 'more'),
  amplification: during('attempts a request', 'attempts at providers of a request, mean', 'times', 'less'),
  mostAttempts: during('most', 'most attempts of one request', 'times', 'less'),
  retryGapUs: during('first pause', 'end of the first attempt, which failed, to the arrival of the second', 'us', null),
  leastRetryGapUs: during('least pause', 'the shortest such pause', 'us', null),
  gapGrowth: during('growth', 'second pause over the first, median', 'times', null),
  jitter: during('jitter', 'coefficient of variation of pauses that began together', 'times', 'more'),
  retryPeak: during(
    'peak of retries',
    'second and later attempts in the fullest 100 ms over their mean',
    'times',
    'less',
  ),
  failoverUs: during(
    'failed over after',
    'first faulty attempt to the end of the first of twenty requests in a row that were served',
    'us',
    'less',
  ),
  servedAddedUs: during('added when served elsewhere', 'latency of those, less the median before', 'us', 'less'),
  primaryTouchedShare: during('touched the primary', 'share of requests that touched it', 'share', 'less'),
  probesPerSecond: during('at the primary a second', 'attempts at the primary a second', 'rate', 'less'),
  returnFirstUs: after('first back after', 'end of the fault to the first attempt at the primary', 'us', 'less'),
  returnUs: after('back after', 'end of the fault to 90 % of the primary’s share before', 'us', 'less'),
  goodputAfter: after(
    'goodput after',
    'served share in the last third behind the fault over that before',
    'times',
    'more',
  ),
  splitBefore: {
    ...during('primary’s share before', 'the primary’s share of first attempts before the fault', 'share', null),
    phase: 'before',
  },
  splitAfter: after('primary’s share after', 'its share in the last third behind the fault', 'share', null),
  splitOffBefore: {
    ...during(
      'off its weight',
      'the primary’s share before the fault, off the one that is configured',
      'share',
      'less',
    ),
    phase: 'before',
  },
  splitOffAfter: after(
    'off its weight after',
    'its share in the last third behind the fault, off the one that is configured',
    'share',
    'less',
  ),
  usualUs: {
    ...during('latency before', 'median latency while nothing failed: what it costs to be ready', 'us', 'less'),
    phase: 'before',
  },
  retryAfterHonoured: during(
    'Retry-After honoured',
    'share of requests tried again at a provider no sooner than it had asked for',
    'share',
    'more',
  ),
  backpressureShare: during('told by 429', 'requests not served that were told so by 429', 'share', 'more'),
  cutToldShare: during('cut: told', 'streams that were cut and end with an error event', 'share', 'more'),
  cutBrokenShare: during('cut: broken', 'streams that were cut and whose transport breaks', 'share', null),
  cutShortShare: during('cut: short', 'streams that were cut and end cleanly without their own end', 'share', 'less'),
  cutForgedShare: during('cut: forged', 'streams that were cut and have a proper end', 'share', 'less'),
  stallBoundUs: during('stall ended after', 'last byte of a stalled stream to its end at the client', 'us', 'less'),
  mustNotRetry: during('attempts', 'attempts for an error that no second one can mend', 'times', 'less'),
  mustNotRetryFallback: during('asked another', 'share of those for which another provider was asked', 'share', 'less'),
  statusKeptShare: during('status kept', 'failed requests with the status of their last attempt', 'share', 'more'),
  errorKeptShare: during('error kept', 'errors that say what the provider’s say, in their places', 'share', 'more'),
  errorWrappedShare: during('error wrapped', 'errors that have the provider’s message somewhere', 'share', null),
  errorLostShare: during('error lost', 'errors that have nothing of the provider’s', 'share', 'less'),
  errorShowsShare: during('shows provider', 'errors that show the provider’s address or key', 'share', 'less'),
  retryAfterPassedShare: during(
    'Retry-After passed on',
    'errors that have a Retry-After, of those for which a provider sent one',
    'share',
    'more',
  ),
  abortPassedShare: during('leaving passed on', 'share of leavings that a working provider hears of', 'share', 'more'),
  abortPassedUs: during('after', 'the client’s going to the provider’s hearing of it', 'us', 'less'),
  attemptsAfterLeft: during('attempts after it', 'attempts begun after the client left', 'times', 'less'),
  doubleWork: during('double work', 'share of requests for which two whole answers were made', 'share', 'less'),
  usageKeptShare: during('usage right', 'answers whose usage is that of the provider that answered', 'share', 'more'),
  modelKeptShare: during('model right', 'answers whose model is that of the provider that answered', 'share', 'more'),
  asideServedShare: during('other model served', 'requests for another model that were served', 'share', 'more'),
  asideAddedUs: during('other model’s p99', 'p99 of another model’s requests less that before the fault', 'us', 'less'),
  processesLost: after('processes lost', 'processes of before that are gone', 'times', 'less'),
  descriptorsAfter: after('descriptors after', 'open descriptors over those before, 64 added to both', 'times', 'less'),
  connectionsAfter: after('connections after', 'the same of sockets', 'times', 'less'),
  memoryAfter: after('memory after', 'resident memory over that before, 64 MiB added to both', 'times', 'less'),
};

/** Every row by name, in that order. */
export const ROWS_IN_ORDER = Object.keys(ROW_BOOK) as RowName[];

/** What is known of a row of a record, which may be one that this version does not have. */
export function entryOf(row: string): RowEntry | undefined {
  return Object.hasOwn(ROW_BOOK, row) ? ROW_BOOK[row as RowName] : undefined;
}

function during(head: string, about: string, unit: RowUnit, better: RowEntry['better']): RowEntry {
  return { head, about, unit, better, phase: 'fault' };
}

function after(head: string, about: string, unit: RowUnit, better: RowEntry['better']): RowEntry {
  return { ...during(head, about, unit, better), phase: 'after' };
}
