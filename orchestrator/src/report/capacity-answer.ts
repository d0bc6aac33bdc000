import { groupBy } from '../grouping.js';
import type { Capacity } from '../record/capacity.js';
import type { SurfacePoint } from '../record/surface.js';
import { capacityTables, capacityTitle } from './capacity-rows.js';
import { formatMiB } from './format.js';
import { surfaceRate, surfaceReason } from './surface-rows.js';

/** What each target carries, in a sentence that begins in lower case: over limits, at the smallest and at the largest of them. */
export function capacityAnswer(capacity: Capacity): string {
  const title = capacityTitle(capacity);
  const told = [...answersByScenario(capacity)].map(([scenario, texts]) => `${scenario}: ${texts.join('; ')}`);
  return `${title.slice(0, 1).toLowerCase()}${title.slice(1)}: ${told.join('. ')}.`;
}

function answersByScenario(capacity: Capacity): Map<string, string[]> {
  if (capacity.surface.length === 0)
    return new Map(
      capacityTables(capacity).map(({ scenario, rows }) => [
        scenario,
        rows.map(({ target, rate }) => `${target} ${rate}`),
      ]),
    );
  return new Map(
    [...groupBy(capacity.surface, ({ scenario }) => scenario)].map(([scenario, points]) => [
      scenario,
      [...groupBy(points, ({ gateway }) => gateway)].map(([gateway, own]) => `${gateway} ${endsOf(own)}`),
    ]),
  );
}

function endsOf(points: readonly SurfacePoint[]): string {
  const known = points
    .filter(({ rps }) => rps !== null)
    .toSorted((a, b) => (a.cpus ?? 0) - (b.cpus ?? 0) || (a.memoryBytes ?? 0) - (b.memoryBytes ?? 0));
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined)
    return `nothing (${points[0] === undefined ? '' : surfaceReason(points[0])})`;
  const text = (point: SurfacePoint): string => `${surfaceRate(point)} rps at ${limitsText(point)}`;
  return first === last ? text(first) : `${text(first)}, ${text(last)}`;
}

function limitsText({ cpus, memoryBytes, workers }: SurfacePoint): string {
  const parts = [
    ...(cpus === null ? [] : [`${cpus} ${cpus === 1 ? 'CPU' : 'CPUs'}`]),
    ...(memoryBytes === null ? [] : [`${formatMiB(memoryBytes)} MiB`]),
    ...(workers === null ? [] : [`${workers} ${workers === 1 ? 'worker' : 'workers'}`]),
  ];
  return parts.join(' and ');
}
