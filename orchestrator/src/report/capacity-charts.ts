import type { SearchStep } from '../analyse/capacity.js';
import type { Capacity, CapacityAnswer } from '../record/capacity.js';
import { type CapacityRow, capacityTables } from './capacity-rows.js';
import type { Chart, Search, Step } from './charts/chart.js';

/**
 * The chart of each scenario of a search: rates against how their windows went.
 * @param targets names of all targets, in plan order
 */
export function capacityChart(
  { answers }: Pick<Capacity, 'answers'>,
  steps: readonly SearchStep[],
  targets: readonly string[],
  scenario: string,
): Chart {
  const rows = capacityTables({ answers }).find((table) => table.scenario === scenario)?.rows ?? [];
  const lanes = rows.map((row) => {
    const own = steps.filter((step) => step.target === row.target && step.scenario === scenario);
    const answer = answers.find((one) => one.target === row.target && one.scenario === scenario);
    return { row, lane: laneOf(row, answer, own, targets) };
  });
  const shown = lanes.filter(({ lane }) => lane.steps.length > 0);
  return {
    key: 'capacity',
    title: 'Capacity: what each rate came to',
    sentence:
      'Each mark is a rate that was sent, the larger the more windows: full where all conditions held, a cross where they did not, hollow ' +
      'where the surroundings spoilt the window, which then says nothing. The shaded range holds the capacity with 96 %: at its lower end seven ' +
      'of seven windows held, or nine of ten, at its upper end as many did not. A range that runs out of the diagram has no such end.',
    level: null,
    drawing: shown.length === 0 ? null : { kind: 'search', lanes: shown.map(({ lane }) => lane) },
    lacks: lanes
      .filter(({ row }) => !shown.some((one) => one.row === row))
      .map(({ row }) => `${row.target}: ${row.rate}`),
  };
}

function laneOf(
  { target, rate }: CapacityRow,
  answer: CapacityAnswer | undefined,
  steps: readonly SearchStep[],
  targets: readonly string[],
): Search['lanes'][number] {
  return { target: targets.indexOf(target), steps: steps.map(stepOf), range: rangeOf(answer), text: rate };
}

/** What gave way at an upper end that is not the gateway's own bounds nothing. */
function rangeOf(answer: CapacityAnswer | undefined): Search['lanes'][number]['range'] {
  if (answer?.state === 'found') return { low: answer.low, high: answer.high };
  if (answer?.state === 'at-least') return { low: answer.low, high: null };
  return { low: null, high: answer?.state === 'none' ? answer.high : null };
}

function stepOf({ rate, held, broken, spoilt, settled, why }: SearchStep): Step {
  const said = settled === null ? 'not settled' : settled ? 'holds' : 'does not hold';
  return { rate, held, broken, spoilt, settled: said, why: why.join('; ') };
}
