import Table from 'cli-table3';
import type { Capacity, CapacityAnswer } from '../record/capacity.js';
import type { SurfacePoint } from '../record/surface.js';
import { formatMiB, formatNumber } from './format.js';
import { SURFACE_HEADS, SURFACE_LEGEND, SURFACE_TITLE, surfaceRows } from './surface-rows.js';
import { type Paint, paintFor, type TerminalStyle } from './terminal-style.js';
import { wrap } from './wrap.js';

/** The capacities for a terminal: a line a target with its interval, then what gave way and what it takes. */
export function renderCapacity({ run, objectives, answers, surface }: Capacity, style: TerminalStyle): string {
  const paint = paintFor(style);
  const width = Math.max(...answers.map(({ target }) => target.length), 6);
  const scenarios = [...new Set(answers.map(({ scenario }) => scenario))];
  const indent = ' '.repeat(width + 4);
  return [
    paint.bold(`Capacity within ${objectives.map(({ text }) => text).join(', ')} · run ${run}`),
    ...scenarios.flatMap((scenario) => [
      '',
      ...wrap(headOf(answers, scenario), style.columns),
      ...answers
        .filter((answer) => answer.scenario === scenario)
        .flatMap((answer) => [
          ...wrap(rateText(answer), style.columns - indent.length).map(
            (line, i) => `  ${(i === 0 ? answer.target : '').padEnd(width)}  ${paint.bold(line)}`,
          ),
          ...details(answer)
            .flatMap((line) => wrap(line, style.columns - indent.length))
            .map((line) => `${indent}${paint.dim(line)}`),
        ]),
    ]),
    ...surfaceLines(surface, style, paint),
    '',
    ...wrap(
      'Open loop. Capacity is the rate at which half of the windows hold all conditions; at the lower end seven of seven windows held, or nine of ten, ' +
        'and at the upper end as many did not (96 %). One start of each target: it says nothing about another start, or another machine.' +
        (answers.some(({ place }) => place !== null)
          ? ' In brackets the places of a scenario, a the highest: those that share a letter overlap and cannot be told apart.'
          : ''),
      style.columns,
    ).map((line) => paint.dim(line)),
  ].join('\n');
}

/** The points of a search over limits, a table a scenario. */
function surfaceLines(points: readonly SurfacePoint[], { columns }: TerminalStyle, paint: Paint): string[] {
  if (points.length === 0) return [];
  const rows = surfaceRows(points);
  return [
    '',
    paint.bold(SURFACE_TITLE),
    ...[...new Set(rows.map(({ scenario }) => scenario))].flatMap((scenario) => {
      const table = new Table({ head: [...SURFACE_HEADS], style: { head: [], border: [], compact: true } });
      for (const { texts } of rows.filter((row) => row.scenario === scenario)) table.push([...texts]);
      return ['', scenario, ...table.toString().split('\n')];
    }),
    ...wrap(SURFACE_LEGEND, columns).map((line) => paint.dim(line)),
  ];
}

/** The scenario, and what it is where only this run knows. */
function headOf(answers: readonly CapacityAnswer[], scenario: string): string {
  const about = answers.find((answer) => answer.scenario === scenario)?.about;
  return about === undefined ? scenario : `${scenario} (${about})`;
}

/** What is known of a rate, in words. */
export function rateText({ state, low, high, limit, reason, place }: CapacityAnswer): string {
  const placed = place === null ? '' : ` (${place})`;
  if (state === 'found') return `${low} to ${high} rps${placed}`;
  if (state === 'none') return `none: not even ${high} rps holds${placed}`;
  if (state === 'unsettled') return `unsettled: ${reason ?? ''}`;
  if (state === 'failed') return `not measured: ${reason ?? ''}`;
  const shared = limit === null ? undefined : SHARED[limit];
  const above =
    shared === undefined
      ? reason === null
        ? ''
        : `; ${reason}`
      : `; at ${high} rps ${shared} gave way, which is no capacity of the gateway`;
  return `at least ${low} rps${placed}${above}`;
}

/** What is not the gateway's own. */
const SHARED: Readonly<Record<string, string>> = { instrument: 'driver or mock', machine: 'the machine' };

function details(answer: CapacityAnswer): string[] {
  const {
    broken,
    limitMessage,
    cpuUsPerRequest,
    memoryPeakBytes,
    memoryOverloadedBytes,
    restMemoryBytes,
    restCpuShare,
    readyMs,
    size,
    high,
    windows,
    voidWindows,
    warnings,
    control,
  } = answer;
  const figures = [
    cpuUsPerRequest === null ? null : `CPU ${formatNumber(cpuUsPerRequest)} µs a request`,
    restMemoryBytes === null
      ? null
      : `memory at rest ${formatMiB(restMemoryBytes)} MiB${memoryPeakBytes === null ? '' : `, under load ${formatMiB(memoryPeakBytes)}`}${memoryOverloadedBytes === null ? '' : `, overloaded ${formatMiB(memoryOverloadedBytes)}`}`,
    restCpuShare === null ? null : `CPU at rest ${(100 * restCpuShare).toFixed(1)} % of one`,
    readyMs === null ? null : `ready after ${(readyMs / 1000).toFixed(1)} s`,
    size === null ? null : `${size.of} ${formatMiB(size.bytes)} MiB`,
  ].filter((part) => part !== null);
  return [
    ...(broken.length === 0 ? [] : [`at ${high} rps: ${broken.join('; ')}`]),
    ...(limitMessage === null ? [] : [`gave way: ${limitMessage}`]),
    ...(control === null
      ? []
      : [`without the gateway ${control.held} of ${control.windows} windows hold at ${high} rps`]),
    ...(figures.length === 0 ? [] : [figures.join('; ')]),
    ...(windows === 0 ? [] : [`${windows} windows`]),
    ...voidWindows.map((noted) => `void, ${countText(noted, windows)}: ${noted.message}`),
    ...warnings.map((noted) => `${noted.code}, ${countText(noted, windows)}: ${noted.message}`),
  ];
}

function countText({ windows }: CapacityAnswer['warnings'][number], of: number): string {
  return `in ${windows} of ${of}`;
}
