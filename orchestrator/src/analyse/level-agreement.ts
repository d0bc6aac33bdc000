import { cellKey, formatLevel } from '../record/cell.js';
import type { AnalysedCell } from './standing.js';

/**
 * Cells of which the levels agree: a target that did not keep up at one rate and did at a higher one, in every trial, is not saturated at the
 * lower. Its windows there were too few or too short, or something else went on; so it is invalid there, which accuses nobody.
 */
export function agreeingLevels(cells: readonly AnalysedCell[]): AnalysedCell[] {
  return cells.map((cell): AnalysedCell => {
    const { standing, id } = cell;
    if (standing.state !== 'saturated' || id.level.kind !== 'rps') return cell;
    const held = cells.filter(
      (other) =>
        cellKey({ ...other.id, level: id.level }) === cellKey(id) &&
        other.id.level.kind === 'rps' &&
        other.id.level.value > id.level.value &&
        other.standing.state === 'ok' &&
        other.standing.mixture === null,
    );
    const highest = held.toSorted((a, b) => b.id.level.value - a.id.level.value)[0];
    if (highest === undefined) return cell;
    const message = `${standing.reason?.message ?? 'saturated'}, while ${formatLevel(highest.id.level)} held in every window: not its limit, and no figure of it`;
    return {
      ...cell,
      standing: { ...standing, state: 'invalid', reason: { code: 'levels-disagree', message } },
    };
  });
}
