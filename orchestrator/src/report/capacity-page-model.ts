import type { SearchStep } from '../analyse/capacity.js';
import type { Capacity } from '../record/capacity.js';
import type { Manifest } from '../record/manifest.js';
import { capacityChart } from './capacity-charts.js';
import { CAPACITY_LETTERS, capacityLegend, type CapacityRow, capacityTables } from './capacity-rows.js';
import type { Chart } from './charts/chart.js';
import { commandOf } from './command-line.js';
import { type PageTarget, pageTarget } from './page-targets.js';

/** Everything that the interactive part of the page of `--find-capacity` shows. All words and figures are made here. */
export interface CapacityPageModel {
  readonly kind: 'capacity';
  /** The run's id. */
  readonly run: string;
  readonly question: string;
  /** How far to trust the answers. */
  readonly trust: string;
  readonly targets: readonly PageTarget[];
  readonly repeat: string;
  readonly scenarios: readonly {
    readonly scenario: string;
    readonly about: string | null;
    readonly rows: readonly CapacityRow[];
    readonly chart: Chart;
  }[];
}

/** What the page shows of a search. */
export function capacityPageModel(
  capacity: Capacity,
  steps: readonly SearchStep[],
  manifest: Manifest,
): CapacityPageModel {
  const names = manifest.targets.map(({ name }) => name);
  return {
    kind: 'capacity',
    run: capacity.run,
    question: `How many requests a second does each gateway carry within ${capacity.objectives.map(({ text }) => text).join(', ')}?`,
    trust: capacityLegend(capacity, `The letters are ${CAPACITY_LETTERS}`),
    targets: manifest.targets.map(({ name, absent }) => pageTarget(manifest, name, absent?.message ?? '')),
    repeat: commandOf(manifest.options),
    scenarios: capacityTables(capacity).map((table) => ({
      ...table,
      chart: capacityChart(capacity, steps, names, table.scenario),
    })),
  };
}
