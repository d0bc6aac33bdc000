import type { ChangesAs } from '../src/report/comparison-chart.js';
import type { ComparisonPageModel } from '../src/report/comparison-page-model.js';
import type { ShownVerdict } from '../src/report/comparison-verdict.js';

/** What a viewer of a comparison has chosen. An empty list is all. */
export interface ComparisonView {
  readonly figures: readonly string[];
  readonly gateways: readonly string[];
  readonly scenarios: readonly string[];
  readonly levels: readonly string[];
  readonly verdicts: readonly ShownVerdict[];
  readonly as: ChangesAs;
  /** A column's key, with `-` in front for the largest first; empty is the order of the plan. */
  readonly sort: string;
  /** Every lane of a chart, however many. */
  readonly whole: boolean;
}

export const VERDICTS: readonly ShownVerdict[] = ['worse', 'better', 'differs', 'cannot-be-told', 'not-compared'];

/** The view that an address's fragment asks for; what the comparison does not have is left out of it. */
export function parseComparisonView(fragment: string, model: ComparisonPageModel): ComparisonView {
  const asked = new URLSearchParams(fragment.replace(/^#/, ''));
  const among = <T extends string>(key: string, known: readonly T[]): T[] => {
    const words = asked.getAll(key);
    return known.filter((one) => words.includes(one));
  };
  return {
    figures: among(
      'figure',
      model.figures.map(({ key }) => key),
    ),
    gateways: among('gateway', model.gateways),
    scenarios: among('scenario', model.scenarios),
    levels: among('level', model.levels),
    verdicts: among('verdict', VERDICTS),
    as: asked.get('as') === 'difference' ? 'difference' : 'ratio',
    sort: asked.get('sort') ?? '',
    whole: asked.get('lanes') === 'all',
  };
}

/** The fragment that brings a view back; empty for the first one. */
export function formatComparisonView({
  figures,
  gateways,
  scenarios,
  levels,
  verdicts,
  as,
  sort,
  whole,
}: ComparisonView): string {
  const words = new URLSearchParams();
  for (const [key, chosen] of Object.entries({
    figure: figures,
    gateway: gateways,
    scenario: scenarios,
    level: levels,
    verdict: verdicts,
  }))
    for (const one of chosen) words.append(key, one);
  if (as !== 'ratio') words.set('as', as);
  if (sort !== '') words.set('sort', sort);
  if (whole) words.set('lanes', 'all');
  return words.toString();
}
