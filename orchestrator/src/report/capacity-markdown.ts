import type { Capacity } from '../record/capacity.js';
import {
  CAPACITY_LETTERS,
  capacityLegend,
  type CapacityTable,
  capacityTables,
  capacityTitle,
} from './capacity-rows.js';
import { escapeMarkdown, markdownTable } from './markdown-table.js';

const COLUMNS = [
  { head: 'target', words: true },
  { head: 'capacity', words: true },
  { head: 'place' },
  { head: 'CPU µs a request' },
  { head: 'MiB at rest' },
  { head: 'under load' },
  { head: 'overloaded' },
];

/** The capacities as Markdown: a table a scenario, and below it what ends each and what it rests on. */
export function renderCapacityMarkdown(capacity: Capacity): string {
  return [
    `# ${escapeMarkdown(capacityTitle(capacity))}`,
    `run ${escapeMarkdown(capacity.run)}`,
    ...capacityTables(capacity).flatMap(part),
    escapeMarkdown(capacityLegend(capacity, `The letters are ${CAPACITY_LETTERS}`)),
    '',
  ].join('\n\n');
}

function part({ scenario, about, rows }: CapacityTable): string[] {
  const lines = rows.map(({ target, rate, place, cpu, rest, loaded, overloaded }) => [
    target,
    rate,
    place,
    ...[cpu, rest, loaded, overloaded].map((figure) => figure?.text ?? '–'),
  ]);
  const remarks = rows.flatMap(({ target, end, basis }) =>
    end.length + basis.length === 0
      ? []
      : [`- **${escapeMarkdown(target)}** ${escapeMarkdown([...end, ...basis].join('; '))}`],
  );
  return [
    `## ${escapeMarkdown(scenario)}`,
    ...(about === null ? [] : [escapeMarkdown(about)]),
    markdownTable(COLUMNS, lines),
    ...(remarks.length === 0 ? [] : [remarks.join('\n')]),
  ];
}
