import { formatLevel } from '../record/cell.js';
import type { Summary } from '../record/summary.js';
import { formatShiftMs } from './format.js';
import type { ReportModel } from './model.js';
import { overheadOf } from './overhead-kinds.js';

/** Three sentences at most, of figures alone: who adds least, who does not keep up and from where, who takes how much memory. */
export function answerSentences(summary: Summary, model: ReportModel): string[] {
  return [leastAdded(summary, model), ...keptUp(summary), ...mostMemory(summary)];
}

function leastAdded({ ranking, cells }: Summary, { targets }: ReportModel): string {
  const firsts = ranking.filter(({ quantile, places }) => quantile === 'p50' && places.length > 1);
  const wins = targets
    .map((target) => ({ target, count: firsts.filter(({ places }) => isAmongFirst(target, places)).length }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
  if (wins.length === 0) return withoutPlaces(cells, targets);
  const told = wins.map(
    ({ target, count }) => `${target} in ${count} of ${firsts.length} (${addedRange(cells, target)})`,
  );
  return `nobody added less at the median than ${told.join(', ')} of the levels at which gateways were compared; gateways that cannot be told apart share a first place.`;
}

/** Where no level had two gateways to hold against each other: what each adds, if anything. */
function withoutPlaces(cells: Summary['cells'], targets: readonly string[]): string {
  const told = targets
    .filter((target) => target !== 'direct')
    .map((target) => `${target} ${addedRange(cells, target)}`);
  if (told.length === 0) return 'no gateway was measured.';
  const why = told.length === 1 ? 'there was nobody to hold it against' : 'no two gateways were valid at one level';
  return `added at the median: ${told.join(', ')}; ${why}.`;
}

/** The fastest, and whoever shares a letter with it. */
function isAmongFirst(target: string, places: Summary['ranking'][number]['places']): boolean {
  const [best] = places;
  const own = places.find((place) => place.target === target);
  return (
    best !== undefined && own !== undefined && own.letters.split('').some((letter) => best.letters.includes(letter))
  );
}

function addedRange(cells: Summary['cells'], target: string): string {
  const added = cells.flatMap((cell) => {
    if (cell.target !== target || cell.overheadUs === undefined) return [];
    const shown = overheadOf(cell, cell.perRequest === undefined ? 'quantile-shift' : 'per-request', 'p50');
    return shown === null ? [] : [shown.estimate.value];
  });
  return added.length === 0
    ? 'no figure'
    : `${formatShiftMs(Math.min(...added))} to ${formatShiftMs(Math.max(...added))} ms`;
}

/** Who did not carry a level, and from which one on: saturated, or with so many wrong answers that nothing could be timed. */
function keptUp({ cells }: Summary): string[] {
  const short = cells.filter(({ state }) => state === 'saturated' || state === 'failed');
  if (short.length === 0) return ['All of them kept up with every level.'];
  const lowest = new Map<string, (typeof short)[number]>();
  for (const cell of short) {
    const before = lowest.get(cell.target);
    if (before === undefined || cell.level.value < before.level.value) lowest.set(cell.target, cell);
  }
  const told = [...lowest.values()].map(({ target, scenario, level, state, achievedRps }) => {
    const rate = achievedRps === null ? '' : `: ${achievedRps.toFixed(0)} a second`;
    return `${target} from ${formatLevel(level)} on (${scenario}${state === 'failed' ? ': failed' : rate})`;
  });
  return [`Not kept up with the load: ${told.join(', ')}.`];
}

function mostMemory({ cells }: Summary): string[] {
  const most = new Map<string, number>();
  for (const { target, memoryPeakBytes } of cells)
    if (memoryPeakBytes !== null) most.set(target, Math.max(memoryPeakBytes, most.get(target) ?? 0));
  if (most.size === 0) return [];
  const told = [...most].map(([target, bytes]) => `${target} ${(bytes / 1024 ** 2).toFixed(0)}`);
  return [`Most memory seen, in MiB: ${told.join(', ')}.`];
}
