import type { CellSummary } from '../record/summary.js';
import { formatMs, hasInterval } from './format.js';
import { type LevelRows, stateText } from './model.js';
import { overheadKinds, overheadOf } from './overhead-kinds.js';
import { listed } from './listed.js';

/**
 * A row in plain words, for a reader of ten seconds: `adds 0.73 ms at the median (0.60 to 0.86); cannot be told from nginx`. It claims
 * what the verdicts claim, and no more.
 */
export function sentenceOf(level: LevelRows, cell: CellSummary): string {
  if (cell.state !== 'ok') return `No figure: ${stateText(cell)}`;
  const kind = overheadKinds(level.rows).find((one) => overheadOf(cell, one, 'p50') !== null);
  const shown = kind === undefined ? null : overheadOf(cell, kind, 'p50');
  if (shown === null) return withoutOverhead(level, cell);
  const { estimate, verdict } = shown;
  const does = {
    above: `Adds ${formatMs(estimate.value)} ms at the median${range(estimate)}`,
    below: `Is ${formatMs(-estimate.value)} ms faster than direct at the median`,
    'within-noise': `Cannot be told from direct here${hasInterval(estimate) ? `: at most ${formatMs(Math.max(estimate.value, estimate.high, 0))} ms more at the median` : ''}`,
  }[verdict];
  const alike = notToldFrom(level, cell.target);
  return `${does}${alike.length === 0 ? '' : `; cannot be told from ${listed(alike, 'or')}`}.`;
}

function withoutOverhead({ rows }: LevelRows, { target }: CellSummary): string {
  if (target === 'direct')
    return 'The mock provider without a gateway: what the others are compared with. Its MiB and CPU are the mock’s own.';
  return rows.some((row) => row.target === 'direct' && row.state === 'ok')
    ? 'Too few requests for a median.'
    : 'What it adds is not known: direct has no figure here.';
}

function range(estimate: { value: number; low: number; high: number }): string {
  return hasInterval(estimate) ? ` (${formatMs(estimate.low)} to ${formatMs(estimate.high)})` : '';
}

function notToldFrom({ rankings }: LevelRows, target: string): string[] {
  const pairs = rankings.find(({ quantile }) => quantile === 'p50')?.pairs ?? [];
  return pairs.flatMap(({ faster, slower, told }) => {
    if (told || (faster !== target && slower !== target)) return [];
    return [faster === target ? slower : faster];
  });
}
