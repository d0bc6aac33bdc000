import type { CaseResult, RowName } from './case-rows.js';
import { type ConductRow, isMeasured } from './row.js';

const OFF: readonly (readonly [off: RowName, share: RowName])[] = [
  ['splitOffBefore', 'splitBefore'],
  ['splitOffAfter', 'splitAfter'],
];

const UNKNOWN = 'its entry does not say what share is configured (x-bench: conduct: primary-share)';

/**
 * A result with its shares held against the configured one.
 * @param primaryShare share of first attempts that the primary is to get, 0 to 1; undefined: it is not known
 */
export function withSplit(result: CaseResult, primaryShare: number | undefined): CaseResult {
  const rows: Partial<Record<RowName, ConductRow>> = { ...result.rows };
  for (const [off, share] of OFF) {
    const found = result.rows[share];
    if (found !== undefined) rows[off] = offRow(found, primaryShare);
  }
  return { ...result, rows };
}

function offRow(share: ConductRow, configured: number | undefined): ConductRow {
  if (configured === undefined) return { state: 'cannot-tell', reason: UNKNOWN };
  if (!isMeasured(share)) return share;
  const { value, low, high, count } = share;
  return {
    value: Math.abs(value - configured),
    // Nothing, where the interval holds the configured share.
    low: Math.max(0, low - configured, configured - high),
    high: Math.max(Math.abs(low - configured), Math.abs(high - configured)),
    count,
  };
}
