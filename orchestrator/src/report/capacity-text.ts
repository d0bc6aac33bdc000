import Table from 'cli-table3';
import type { Capacity } from '../record/capacity.js';
import type { SurfacePoint } from '../record/surface.js';
import {
  CAPACITY_LETTERS,
  capacityLegend,
  type CapacityRow,
  type CapacityTable,
  capacityTables,
  capacityTitle,
} from './capacity-rows.js';
import { SURFACE_HEADS, SURFACE_LEGEND, SURFACE_TITLE, surfaceRows } from './surface-rows.js';
import { type Paint, paintFor, type TerminalStyle } from './terminal-style.js';
import { wrap } from './wrap.js';

/** The capacities for a terminal: a line a target with its interval, then what gave way and what it takes. */
export function renderCapacity(capacity: Capacity, style: TerminalStyle): string {
  const paint = paintFor(style);
  const width = Math.max(...capacity.answers.map(({ target }) => target.length), 6);
  const indent = ' '.repeat(width + 4);
  return [
    paint.bold(`${capacityTitle(capacity)} · run ${capacity.run}`),
    ...capacityTables(capacity).flatMap((table) => [
      '',
      ...wrap(headOf(table), style.columns),
      ...table.rows.flatMap((row) => [
        ...wrap(placedRate(row), style.columns - indent.length).map(
          (line, i) => `  ${(i === 0 ? row.target : '').padEnd(width)}  ${paint.bold(line)}`,
        ),
        ...details(row)
          .flatMap((line) => wrap(line, style.columns - indent.length))
          .map((line) => `${indent}${paint.dim(line)}`),
      ]),
    ]),
    ...surfaceLines(capacity.surface, style, paint),
    '',
    ...wrap(capacityLegend(capacity, `In brackets ${CAPACITY_LETTERS}`), style.columns).map((line) => paint.dim(line)),
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
function headOf({ scenario, about }: CapacityTable): string {
  return about === null ? scenario : `${scenario} (${about})`;
}

/** The place stands behind the rate, before what is to be said of it. */
function placedRate({ rate, place }: CapacityRow): string {
  if (place === '') return rate;
  const [range, ...more] = rate.split('; ');
  return [`${range} (${place})`, ...more].join('; ');
}

function details({ cpu, rest, loaded, overloaded, restCpu, ready, size, end, basis }: CapacityRow): string[] {
  const figures = [
    cpu === null ? null : `CPU ${cpu.text} µs a request`,
    rest === null
      ? null
      : `memory at rest ${rest.text} MiB${loaded === null ? '' : `, under load ${loaded.text}`}${overloaded === null ? '' : `, overloaded ${overloaded.text}`}`,
    restCpu === null ? null : `CPU at rest ${restCpu.text} % of one`,
    ready === null ? null : `ready after ${ready.text} s`,
    size === null ? null : `on disk ${size.text.replace(' ', ' MiB ')}`,
  ].filter((part) => part !== null);
  return [...end, ...(figures.length === 0 ? [] : [figures.join('; ')]), ...basis];
}
