import { LEAST_EFFECT } from '../analyse/overhead.js';
import { cellKey } from '../record/cell.js';
import type { StoredRun } from '../record/run-directory.js';
import type { Certificate } from './certificate.js';
import { analyseAgainst } from './reference.js';

/**
 * The smallest difference that the suite would have told, from a target held against itself: a shift is called one when its whole
 * interval lies beyond the noise floor, so it has to be the floor and half of the interval, and at least 3 % of the reference. Of
 * each quantile the worst cell.
 */
export function judgeResolution(run: StoredRun, [a, b, c]: readonly [string, string, string]): Certificate['tells'] {
  const summary = analyseAgainst(run, [a, b]);
  const cells = summary.cells.filter(({ target, state }) => target === c && state === 'ok');
  const told = (quantile: 'p50' | 'p99'): number | null => {
    const each = cells.flatMap((cell) => {
      const at = cellKey({ ...cell, target: '' });
      const shift = cell.overheadUs?.[quantile];
      const floor = summary.noiseFloor.find((candidate) => cellKey({ ...candidate, target: '' }) === at)?.[
        `${quantile}Us`
      ];
      const reference = summary.cells.find(
        (other) => other.target === 'direct' && cellKey({ ...other, target: '' }) === at,
      )?.latencyUs[quantile];
      if (shift === undefined || floor === undefined || floor === null || reference === undefined) return [];
      return [Math.max(floor + (shift.high - shift.low) / 2, LEAST_EFFECT * reference.value)];
    });
    return each.length === 0 ? null : Math.round(Math.max(...each));
  };
  return { p50Us: told('p50'), p99Us: told('p99'), cells: cells.length };
}
