import type { Comparison } from '../../record/comparison.js';
import { changesDrawing, lackingIn, MOST_LANES, shownRows } from '../comparison-chart.js';
import { comparisonPageModel, type ShownGate } from '../comparison-page-model.js';
import { type Pictures, picturesOf, type ReportFile } from './files.js';

/** The changes of each kind of figure as pictures, as multiples where they are: `charts/comparison-overhead.p50.svg`. */
export function comparisonPictures(comparison: Comparison, gate: ShownGate | null, pictures: Pictures): ReportFile[] {
  const { figures, gateways, question, run } = comparisonPageModel(comparison, gate);
  return figures.flatMap(({ key, title, sentence, rows }) => {
    const shown = shownRows(rows, MOST_LANES);
    const as = lackingIn(shown, 'ratio').length === 0 ? 'ratio' : 'difference';
    const left = rows.length - shown.length;
    const chart = {
      key: `comparison-${key}`,
      title: left === 0 ? title : `${title}, ${shown.length} of ${rows.length}: what changed most`,
      sentence,
      level: null,
      drawing: changesDrawing(shown, as, gateways),
      lacks: [],
    };
    return picturesOf(`comparison-${key}`, chart, pictures, { targets: gateways, of: `${question} · run ${run}` });
  });
}
