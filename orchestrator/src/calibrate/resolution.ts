import { LEAST_EFFECT } from '../analyse/overhead.js';
import type { StoredRun } from '../record/run-directory.js';
import type { Certificate } from '../certificate/certificate.js';
import { headlineOf } from './headline.js';
import { analyseAgainst } from './reference.js';

/**
 * The smallest difference that the suite would have told, from a target held against itself: a shift is called one when its interval excludes
 * 0, so it has to be as large as the interval reaches upwards, and at least 3 % of the reference. Of each quantile the worst cell.
 */
export function judgeResolution(run: StoredRun, [a, b, c]: readonly [string, string, string]): Certificate['tells'] {
  const summary = analyseAgainst(run, [a, b]);
  const cells = summary.cells.filter(({ target, state }) => target === c && state === 'ok');
  const told = (quantile: 'p50' | 'p99'): number | null => {
    const each = cells.flatMap((cell) => {
      const headline = headlineOf(cell, summary);
      const shift = headline?.shift[quantile];
      const direct = headline?.directUs[quantile];
      if (shift === undefined || direct === undefined || headline?.floorUs[quantile] === null) return [];
      return [Math.max(shift.high - shift.value, shift.value - shift.low, LEAST_EFFECT * direct.value)];
    });
    return each.length === 0 ? null : Math.round(Math.max(...each));
  };
  return { p50Us: told('p50'), p99Us: told('p99'), cells: cells.length };
}
