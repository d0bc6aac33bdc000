import { cellKey, formatLevel } from '../../record/cell.js';
import type { ComparedCell } from '../../record/comparison.js';
import type { AnalysedCell } from '../standing.js';
import { meanOf } from '../student.js';
import { changeOf, changeSeriesOf } from './change.js';
import { measureSeries } from './measure-series.js';

/** With fewer figures, moving the same way is a coin or two. */
const LEAST_FIGURES = 6;
/** This share of the figures the same way: were each as likely to rise as to fall, six of six would be one chance in 32. */
const TOGETHER = 0.9;

/**
 * Whether the machine changed between two runs: where `direct` itself is not what it was, and where the figures of all targets moved the same
 * way. A change that everybody shares is not one of a gateway.
 */
export function movedTogether(
  a: readonly AnalysedCell[],
  b: readonly AnalysedCell[],
  compared: readonly ComparedCell[],
): string[] {
  const direct = directMoves(a, b);
  const together = targetsTogether(compared);
  const moved = direct.filter(({ sure }) => sure).map(({ text }) => text);
  if (moved.length === 0 && together === null) return [];
  const sharp =
    'The sharp way is both in one run, block by block (--gateways NAME@OLD,NAME@NEW, or --binary): twice the gateways, so about twice the time.';
  const ofDirect = moved.length === 0 ? '' : `: direct’s own p50 moved (${moved.join(', ')})`;
  const sameWay = direct.length > 0 && together !== null && direct.every(({ share }) => share > 0 === together.up);
  if (together !== null && (moved.length > 0 || sameWay))
    return [
      `the machine changed, not the gateways${ofDirect}, and ${together.text}: what all of them share is no gateway’s. ${sharp}`,
    ];
  if (together !== null)
    return [`${together.text}, and direct did not move: one cause for all is likelier than one for each. ${sharp}`];
  return [`the machine was not in the same state${ofDirect}. ${sharp}`];
}

interface Move {
  readonly share: number;
  readonly sure: boolean;
  readonly text: string;
}

/** By how much `direct` moved at each level, and whether its blocks alone tell. */
function directMoves(a: readonly AnalysedCell[], b: readonly AnalysedCell[]): Move[] {
  return a.flatMap((cell): Move[] => {
    const other = b.find(({ id }) => cellKey(id) === cellKey(cell.id));
    if (cell.target.kind !== 'direct' || other === undefined) return [];
    if (cell.standing.state !== 'ok' || other.standing.state !== 'ok') return [];
    const pair = measureSeries('latency.p50', { cell, cells: a }, { cell: other, cells: b });
    const series = pair === null ? null : changeSeriesOf(pair, 'runs');
    if (pair === null || series === null) return [];
    const { change, a: before } = changeOf(series, { of: 'runs', variance: 0 }, pair.reference);
    const share = change.value / before;
    const text = `${cell.id.scenario} ${formatLevel(cell.id.level)} by ${share > 0 ? '+' : '−'}${Math.abs(100 * share).toFixed(0)} %`;
    return [{ share, sure: change.low > 0 || change.high < 0, text }];
  });
}

/** Whether the overheads of several targets went one way; of one target that may be the target. */
function targetsTogether(compared: readonly ComparedCell[]): { readonly up: boolean; readonly text: string } | null {
  const shares = compared.flatMap(({ b, measures }) =>
    measures
      .filter(({ name }) => name === 'overhead.p50' || name === 'cpu')
      .map(({ a, change }) => ({ target: b, share: change.value / Math.abs(a) })),
  );
  const up = shares.filter(({ share }) => share > 0).length;
  const most = Math.max(up, shares.length - up);
  if (new Set(shares.map(({ target }) => target)).size < 2) return null;
  if (shares.length < LEAST_FIGURES || most < TOGETHER * shares.length) return null;
  const mean = Math.expm1(meanOf(shares.map(({ share }) => Math.log(Math.max(0.01, 1 + share)))));
  const text =
    `${most} of ${shares.length} overheads and CPU times of all gateways ${up === most ? 'rose' : 'fell'} together, ` +
    `by ${Math.abs(100 * mean).toFixed(0)} % on average`;
  return { up: up === most, text };
}
