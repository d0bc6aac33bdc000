import { meanOf, medianOf } from '../student.js';
import { groupBy } from '../../grouping.js';
import { type Attempt, type Fate, isFailed, isWell } from './fate.js';
import { type ConductRow, isMeasured, medianRow, nothingSeen, shareRow, statisticRow } from './row.js';

/** Requests that failed within so long of each other would be tried again together by gateways without jitter. */
const TOGETHER_US = 100_000;
/** Fewest in such a group. */
const LEAST_TOGETHER = 3;

/** A timer that counts in whole milliseconds may fire so much before its time. */
export const TIMER_US = 2000;

/** The rows about trying again, of requests that were due while the fault lasted. */
export interface RetryRows {
  /** Attempts a request: 1.0 is nothing tried again. */
  readonly amplification: ConductRow;
  /** Most attempts of one request. */
  readonly mostAttempts: ConductRow;
  /** End of the first attempt to the begin of the second, median and least. */
  readonly retryGapUs: ConductRow;
  readonly leastRetryGapUs: ConductRow;
  /** How much longer the second pause is than the first. */
  readonly gapGrowth: ConductRow;
  /** Of the requests for which a provider was asked again that had sent a Retry-After: the share for which that was waited for. */
  readonly retryAfterHonoured: ConductRow;
  /** Coefficient of variation of first pauses among requests that failed within the same 100 ms. */
  readonly jitter: ConductRow;
  /** Attempts in the fullest 100 ms, over their mean. */
  readonly retryPeak: ConductRow;
  /** Share of requests with two or more whole answers: paid twice. */
  readonly doubleWork: ConductRow;
}

/**
 * @param fates of the fault phase
 * @param refused why attempts may be missing from the ledger; null: none are
 * @param retryAfterUs what the providers asked for; null: nothing
 */
export function retryRows(fates: readonly Fate[], refused: string | null, retryAfterUs: number | null): RetryRows {
  const gaps = fates.flatMap(({ attempts }) => firstGap(attempts) ?? []);
  const values = gaps.map(({ gapUs }) => gapUs);
  const counts = fates.map(({ attempts }) => attempts.length);
  const unlessRefused = (row: () => ConductRow): ConductRow =>
    refused === null ? row() : { state: 'cannot-tell', reason: refused };
  return {
    amplification: unlessRefused(() => statisticRow(counts, meanOf, 'requests')),
    mostAttempts: unlessRefused(() => {
      if (counts.length === 0) return nothingSeen('there were no requests');
      const most = counts.reduce((a, b) => Math.max(a, b), 0);
      return { value: most, low: most, high: most, count: counts.length };
    }),
    retryGapUs: unlessRefused(() => medianRow(values, 'requests tried again')),
    leastRetryGapUs: unlessRefused(() => {
      if (values.length === 0) return nothingSeen('there were no requests tried again');
      const least = values.reduce((a, b) => Math.min(a, b));
      return { value: least, low: least, high: least, count: values.length };
    }),
    gapGrowth: unlessRefused(() =>
      statisticRow(
        fates.flatMap(({ attempts }) => growth(attempts) ?? []),
        medianOf,
        'requests tried again twice',
      ),
    ),
    retryAfterHonoured:
      retryAfterUs === null
        ? nothingSeen('the providers sent no Retry-After')
        : unlessRefused(() => {
            const pauses = fates.flatMap(({ attempts }) => pauseAtOne(attempts) ?? []);
            if (pauses.length === 0)
              return nothingSeen('no request was tried again at the provider that had failed it');
            const waited = pauses.filter((us) => us >= retryAfterUs - TIMER_US);
            return shareRow(waited.length, pauses.length, 'requests tried again where they had failed');
          }),
    jitter: unlessRefused(() => jitterRow(gaps)),
    retryPeak: unlessRefused(() => peakRow(fates)),
    doubleWork: shareRow(fates.filter(isDoubleWork).length, fates.length, 'requests'),
  };
}

/** Whether two providers, or one twice, gave a whole answer. */
export function isDoubleWork({ attempts }: Pick<Fate, 'attempts'>): boolean {
  return attempts.filter(isWell).length >= 2;
}

/** A pause before a second attempt, and when the first one had failed. */
interface Gap {
  readonly failedUs: number;
  readonly gapUs: number;
}

/** The pause before the second attempt; null where the first did not fail, or none followed. */
export function firstGap([first, second]: readonly Attempt[]): Gap | null {
  if (first === undefined || second === undefined || first.endUs === null || !isFailed(first)) return null;
  return { failedUs: first.endUs, gapUs: Math.max(0, second.arrivedUs - first.endUs) };
}

/**
 * The shortest pause before a provider was asked again that had failed the request; null where none was. What it asks for is asked of whoever comes
 * back to it: another provider may be asked at once.
 */
export function pauseAtOne(attempts: readonly Attempt[]): number | null {
  const pauses = attempts.flatMap((failed, i) => {
    const again = attempts.slice(i + 1).find(({ provider }) => provider === failed.provider);
    return again === undefined || failed.endUs === null || !isFailed(failed) ? [] : again.arrivedUs - failed.endUs;
  });
  return pauses.length === 0 ? null : Math.max(0, Math.min(...pauses));
}

function growth([first, second, third]: readonly Attempt[]): number | null {
  if (first === undefined || second === undefined || third === undefined) return null;
  if (first.endUs === null || second.endUs === null || second.arrivedUs <= first.endUs) return null;
  return (third.arrivedUs - second.endUs) / (second.arrivedUs - first.endUs);
}

/** Pooled within groups, so that a pause which changes in the course of the phase is no jitter. */
function jitterRow(gaps: readonly Gap[]): ConductRow {
  const groups = [...groupBy(gaps, ({ failedUs }) => String(Math.floor(failedUs / TOGETHER_US))).values()]
    .filter(({ length }) => length >= LEAST_TOGETHER)
    .map((group) => group.map(({ gapUs }) => gapUs));
  if (groups.length === 0)
    return nothingSeen(`nowhere were ${LEAST_TOGETHER} requests tried again that failed within the same 100 ms`);
  return statisticRow(groups, pooledVariation, 'groups');
}

function pooledVariation(groups: readonly (readonly number[])[]): number {
  let [squares, freedom] = [0, 0];
  for (const group of groups) {
    const mean = meanOf(group);
    squares += group.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    freedom += group.length - 1;
  }
  const mean = meanOf(groups.flat());
  return mean === 0 ? 0 : Math.sqrt(squares / freedom) / mean;
}

function peakRow(fates: readonly Fate[]): ConductRow {
  const again = fates.flatMap(({ attempts }) => attempts.slice(1).map(({ arrivedUs }) => arrivedUs));
  if (again.length === 0) return nothingSeen('nothing was tried again');
  const windows = [...groupBy(again, (us) => String(Math.floor(us / TOGETHER_US))).values()];
  const fullest = windows.reduce((most, { length }) => Math.max(most, length), 0);
  const from = again.reduce((a, b) => Math.min(a, b));
  const until = again.reduce((a, b) => Math.max(a, b));
  const mean = again.length / (Math.floor(until / TOGETHER_US) - Math.floor(from / TOGETHER_US) + 1);
  const value = fullest / mean;
  return { value, low: value, high: value, count: again.length };
}

/** Rows that say how many attempts there were where one is right. */
export function mustNotRetryRows(fates: readonly Fate[]): Pick<ConductRows, 'mustNotRetry' | 'mustNotRetryFallback'> {
  const failed = fates.filter(({ attempts: [first] }) => first !== undefined && isTerminal(first));
  const mustNotRetry = statisticRow(
    failed.map(({ attempts }) => attempts.length),
    meanOf,
    'requests that must not be tried again',
  );
  const elsewhere = failed.filter(({ attempts }) => new Set(attempts.map(({ provider }) => provider)).size > 1);
  return {
    mustNotRetry,
    mustNotRetryFallback: isMeasured(mustNotRetry)
      ? shareRow(elsewhere.length, failed.length, 'requests that must not be tried again')
      : mustNotRetry,
  };
}

/** Whether an attempt ended as no second one would mend; what a filter stopped is an answer of 200 that ends for that reason. */
export function isTerminal(attempt: Attempt): boolean {
  return isFailed(attempt) || attempt.fault === 'content-filter';
}

/** As {@link mustNotRetryRows} gives them. */
interface ConductRows {
  /** Attempts a request whose error no second attempt can mend: 1.0 is right. */
  readonly mustNotRetry: ConductRow;
  /** Share of those for which another provider was asked. */
  readonly mustNotRetryFallback: ConductRow;
}
