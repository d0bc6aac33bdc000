import { formatLevel } from '../record/cell.js';
import { LEAST_SOAK_MS, type MemoryGrowth, type Soak } from '../record/soak.js';
import { formatMiB } from './format.js';
import { type Paint, paintFor, type TerminalStyle } from './terminal-style.js';
import { wrap } from './wrap.js';

/** Whether memory grew, for a terminal. */
export function renderSoak({ growth }: Soak, style: TerminalStyle): string {
  const paint = paintFor(style);
  const width = Math.max(...growth.map(({ target }) => target.length), 6);
  const lines = growth.map((one) => `  ${one.target.padEnd(width)}  ${placeText(one)}: ${saidText(one, paint)}`);
  return [
    paint.bold('Memory over the soak'),
    ...lines,
    ...wrap(soakLegend(growth), style.columns).map((line) => paint.dim(line)),
  ].join('\n');
}

/** The same of one target as a sentence of a page. */
export function soakText(one: Soak['growth'][number]): string {
  return `Memory of ${one.target}, ${placeText(one)}: ${saidText(one, NO_PAINT)}.`;
}

/** How a slope is got, or why there is none. */
export function soakLegend(growth: Soak['growth']): string {
  const sloped = growth.some(({ growth: found }) => (found?.bytesPerHour ?? null) !== null);
  return sloped
    ? 'The slope of the medians of 24 parts of the time, the first fifth left out, with its 95 % interval. What the interval holds cannot be excluded: a longer soak narrows it.'
    : `What the first minutes show is a program that fills its pools. Growth an hour is told from ${minutes(LEAST_SOAK_MS)} min on: --soak 10m.`;
}

const NO_PAINT = paintFor({ columns: 0, colour: false });

function placeText({ scenario, level }: Soak['growth'][number]): string {
  return `${scenario} at ${formatLevel(level)}`;
}

function saidText({ growth: found, reason }: Soak['growth'][number], paint: Paint): string {
  return found === null ? (reason ?? '') : growthText(found, paint);
}

function growthText({ startBytes, endBytes, bytesPerHour, watchedMs, verdict }: MemoryGrowth, paint: Paint): string {
  const seen = `${formatMiB(startBytes)} → ${formatMiB(endBytes)} MiB over ${minutes(watchedMs)} min`;
  if (bytesPerHour === null) return `${seen}, too short to tell growth`;
  const { value, low, high } = bytesPerHour;
  const said = { grows: paint.red('grows'), shrinks: 'shrinks', 'no-growth-told': paint.green('no growth told') };
  return `${seen}, ${verdict === 'too-short' ? '' : said[verdict]}: ${signedMiB(value)} [${signedMiB(low)}, ${signedMiB(high)}] MiB an hour`;
}

function minutes(ms: number): string {
  return (ms / 60_000).toFixed(ms < 600_000 && ms % 60_000 !== 0 ? 1 : 0);
}

function signedMiB(bytes: number): string {
  return `${bytes < 0 ? '−' : '+'}${formatMiB(Math.abs(bytes))}`;
}
