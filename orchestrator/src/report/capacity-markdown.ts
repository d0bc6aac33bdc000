import type { Capacity } from '../record/capacity.js';
import type { SurfacePoint } from '../record/surface.js';
import {
  CAPACITY_LETTERS,
  capacityLegend,
  type CapacityTable,
  capacityTables,
  capacityTitle,
} from './capacity-rows.js';
import { escapeMarkdown, markdownTable } from './markdown-table.js';
import { SURFACE_HEADS, SURFACE_LEGEND, SURFACE_TITLE, SURFACE_WORDS, surfaceRows } from './surface-rows.js';

const COLUMNS = [
  { head: 'target', words: true },
  { head: 'capacity', words: true },
  { head: 'place' },
  { head: 'CPU µs a request' },
  { head: 'MiB at rest' },
  { head: 'under load' },
  { head: 'overloaded' },
  { head: 'ready after s' },
  { head: 'MiB on disk' },
];

/** The capacities as Markdown: a table a scenario, and below it what ends each and what it rests on. */
export function renderCapacityMarkdown(capacity: Capacity): string {
  return [
    `# ${escapeMarkdown(capacityTitle(capacity))}`,
    `run ${escapeMarkdown(capacity.run)}`,
    ...capacityMarkdown(capacity, '##'),
    '',
  ].join('\n\n');
}

/** The same without what stands above it. @param heading of each scenario, and of the surface */
export function capacityMarkdown(capacity: Capacity, heading: '##' | '###'): string[] {
  return [
    ...capacityTables(capacity).flatMap((table) => part(table, heading)),
    ...surface(capacity.surface, heading),
    escapeMarkdown(capacityLegend(capacity, `The letters are ${CAPACITY_LETTERS}`)),
  ];
}

/** The points of a search over limits, a table a scenario. */
function surface(points: readonly SurfacePoint[], heading: string): string[] {
  if (points.length === 0) return [];
  const rows = surfaceRows(points);
  const columns = SURFACE_HEADS.map((head) => ({ head, words: SURFACE_WORDS.includes(head) }));
  return [
    `${heading} ${SURFACE_TITLE}`,
    ...[...new Set(rows.map(({ scenario }) => scenario))].flatMap((scenario) => [
      escapeMarkdown(scenario),
      markdownTable(
        columns,
        rows.filter((row) => row.scenario === scenario).map(({ texts }) => texts),
      ),
    ]),
    escapeMarkdown(SURFACE_LEGEND),
  ];
}

function part({ scenario, about, rows }: CapacityTable, heading: string): string[] {
  const lines = rows.map(({ target, rate, place, cpu, rest, loaded, overloaded, ready, size }) => [
    target,
    rate,
    place,
    ...[cpu, rest, loaded, overloaded, ready, size].map((figure) => figure?.text ?? '–'),
  ]);
  const remarks = rows.flatMap(({ target, end, basis }) =>
    end.length + basis.length === 0
      ? []
      : [`- **${escapeMarkdown(target)}** ${escapeMarkdown([...end, ...basis].join('; '))}`],
  );
  return [
    `${heading} ${escapeMarkdown(scenario)}`,
    ...(about === null ? [] : [escapeMarkdown(about)]),
    markdownTable(COLUMNS, lines),
    ...(remarks.length === 0 ? [] : [remarks.join('\n')]),
  ];
}
