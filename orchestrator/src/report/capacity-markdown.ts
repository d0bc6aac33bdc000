import type { Capacity, CapacityAnswer } from '../record/capacity.js';
import { rateText } from './capacity-text.js';
import { formatMiB, formatNumber } from './format.js';
import { escapeMarkdown, markdownTable } from './markdown-table.js';
import { SURFACE_HEADS, SURFACE_LEGEND, SURFACE_TITLE, SURFACE_WORDS, surfaceRows } from './surface-rows.js';

const HEADS = [
  { head: 'target', words: true },
  { head: 'capacity', words: true },
  { head: 'gave way', words: true },
  { head: 'CPU µs a request' },
  { head: 'MiB at rest' },
  { head: 'MiB under load' },
  { head: 'ready after s' },
  { head: 'on disk MiB' },
];

/** A search for capacities as Markdown: a table a scenario, and of one over limits its points. */
export function renderCapacityMarkdown({ run, objectives, answers, surface }: Capacity): string {
  const scenarios = [...new Set(answers.map(({ scenario }) => scenario))];
  const points = surfaceRows(surface);
  const heads = SURFACE_HEADS.map((head) => ({ head, words: SURFACE_WORDS.includes(head) }));
  return `${[
    `# Capacity within ${escapeMarkdown(objectives.map(({ text }) => text).join(', '))}`,
    `Run ${escapeMarkdown(run)}. Open loop; each end of a capacity was settled by seven windows of seven, or nine of ten (96 %).`,
    ...scenarios.flatMap((scenario) => [
      `## ${escapeMarkdown(scenario)}`,
      markdownTable(
        HEADS,
        answers.filter((answer) => answer.scenario === scenario).map((answer) => textsOf(answer)),
      ),
    ]),
    ...(points.length === 0
      ? []
      : [
          `## ${SURFACE_TITLE}`,
          ...scenarios.flatMap((scenario) => [
            escapeMarkdown(scenario),
            markdownTable(
              heads,
              points.filter((row) => row.scenario === scenario).map(({ texts }) => texts),
            ),
          ]),
          escapeMarkdown(SURFACE_LEGEND),
        ]),
  ].join('\n\n')}\n`;
}

function textsOf(answer: CapacityAnswer): string[] {
  const figure = (value: number | null, format: (known: number) => string): string =>
    value === null ? '–' : format(value);
  return [
    answer.target,
    rateText(answer),
    answer.limitMessage ?? '–',
    figure(answer.cpuUsPerRequest, formatNumber),
    figure(answer.restMemoryBytes, formatMiB),
    figure(answer.memoryPeakBytes, formatMiB),
    figure(answer.readyMs, (ms) => (ms / 1000).toFixed(1)),
    answer.size === null ? '–' : `${formatMiB(answer.size.bytes)} (${answer.size.of})`,
  ];
}
