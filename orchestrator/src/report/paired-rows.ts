import { formatLevel } from '../record/cell.js';
import type { PairedComparison, PairedQuantiles } from '../record/summary.js';
import { formatBoundsMs, formatShiftMs } from './format.js';
import { VERDICT_SIGN } from './verdict-sign.js';

/** B against A in one quantity at one scenario and level, as a row to read. */
export interface PairedRow {
  readonly scenario: string;
  readonly level: string;
  /** `latency`, or why there is nothing to compare. */
  readonly of: string;
  /** By p50, p90 and p99; empty where the sample does not carry it. */
  readonly differences: readonly string[];
  /** Blocks in which both were measured at the same time. */
  readonly blocks: number;
}

const QUANTITY = { latencyUs: 'latency', overheadUs: 'per-request overhead', ttftUs: 'time to first token' } as const;
const NAMES = ['p50', 'p90', 'p99'] as const;

/** What the columns of {@link PairedRow.differences} are of. */
export const PAIRED_QUANTILES: readonly string[] = NAMES;

/** `b against a, paired`, and what the figures are. */
export function pairedTitle({ a, b }: PairedComparison): string {
  return `${b} against ${a}, paired`;
}

/** What stands below it. */
export const PAIRED_LEGEND =
  'What b takes more than a (+) or less (−) in the same seconds, in ms with a 95 % interval, and as a share of a’s; ▲ b is slower, ▼ faster, ≈ cannot be told.';

/** The rows of a paired run, none for a run of visits. */
export function pairedRows(comparisons: readonly PairedComparison[]): PairedRow[] {
  return comparisons.flatMap((comparison): PairedRow[] => {
    const { scenario, level, blocks, reason } = comparison;
    const at = { scenario, level: formatLevel(level), blocks };
    if (reason !== undefined) return [{ ...at, of: reason.message, differences: [] }];
    const quantities = (['latencyUs', 'overheadUs', 'ttftUs'] as const).flatMap((name) => {
      const quantiles = comparison[name];
      return quantiles === undefined
        ? []
        : [{ ...at, of: QUANTITY[name], differences: NAMES.map((quantile) => differenceText(quantiles[quantile])) }];
    });
    return quantities.length > 0 ? quantities : [{ ...at, of: 'too few requests for any quantile', differences: [] }];
  });
}

function differenceText(difference: PairedQuantiles['p50']): string {
  if (difference === undefined) return '';
  const { verdict, value, ratio } = difference;
  const bounds = formatBoundsMs(difference);
  if (verdict === 'within-noise') return `${bounds === '' ? formatShiftMs(value) : bounds} ${VERDICT_SIGN[verdict]}`;
  const share = `${ratio.value < 1 ? '−' : '+'}${Math.abs(100 * (ratio.value - 1)).toPrecision(2)}%`;
  return [formatShiftMs(value), bounds, share, VERDICT_SIGN[verdict]].filter((part) => part !== '').join(' ');
}
