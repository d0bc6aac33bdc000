import { formatLevel } from '../record/cell.js';
import type { StoredRun } from '../record/run-directory.js';
import { headlineOf } from './headline.js';
import { analyseAgainst } from './reference.js';

const QUANTILES = ['p50', 'p90', 'p99'] as const;

/** What became of comparing a target with itself. */
export interface SameTarget {
  readonly comparisons: number;
  readonly declaredDifferent: number;
  readonly examples: readonly string[];
}

/**
 * Judges one target under three names against itself: each name in turn is the contestant, the other two are the reference, at
 * every cell and quantile. Comparisons of one cell share trials, so they are not independent; their expected share of false
 * verdicts is the same.
 */
export function judgeSameTarget(runs: readonly StoredRun[], names: readonly [string, string, string]): SameTarget {
  const [a, b, c] = names;
  const turns = [
    [a, b, c],
    [b, a, c],
    [c, a, b],
  ] as const;
  const judged = runs.flatMap((run) =>
    turns.flatMap(([contestant, first, second]) => {
      const summary = analyseAgainst(run, [first, second]);
      return summary.cells
        .filter(({ target }) => target === contestant)
        .flatMap((cell) => {
          const { scenario, level } = cell;
          const headline = headlineOf(cell, summary);
          return QUANTILES.flatMap((quantile) => {
            const shift = headline?.shift[quantile];
            if (shift === undefined) return [];
            const text = `${contestant}, ${scenario} at ${formatLevel(level)}, ${quantile}: ${shift.verdict} by ${Math.round(shift.value)} µs`;
            return [{ different: shift.verdict !== 'within-noise', text }];
          });
        });
    }),
  );
  const different = judged.filter((comparison) => comparison.different);
  return {
    comparisons: judged.length,
    declaredDifferent: different.length,
    examples: different.slice(0, 5).map(({ text }) => text),
  };
}
