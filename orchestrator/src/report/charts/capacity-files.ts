import type { SearchStep } from '../../analyse/capacity.js';
import type { Capacity } from '../../record/capacity.js';
import { capacityChart } from '../capacity-charts.js';
import { capacityTables, capacityTitle } from '../capacity-rows.js';
import { type Pictures, type ReportFile, picturesOf } from './files.js';

/** The chart of each scenario of a search as pictures: `charts/capacity-SCENARIO.svg`. */
export function capacityPictures(
  capacity: Capacity,
  steps: readonly SearchStep[],
  targets: readonly string[],
  pictures: Pictures,
): ReportFile[] {
  return capacityTables(capacity).flatMap(({ scenario }) =>
    picturesOf(`capacity-${scenario}`, capacityChart(capacity, steps, targets, scenario), pictures, {
      targets,
      of: `${capacityTitle(capacity)} · ${scenario} · run ${capacity.run}`,
    }),
  );
}
