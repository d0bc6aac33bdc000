import { capitalised } from '../capitalised.js';
import { isContender } from '../catalogue/feature.js';
import { formatLevel } from '../record/cell.js';
import { groupBy } from '../grouping.js';
import type { Ranking, Summary } from '../record/summary.js';
import { featureAnswer } from './feature-answer.js';
import { formatShiftsMs } from './format.js';
import type { ReportModel } from './model.js';
import { neighbourAnswer } from './neighbour-answer.js';
import { overheadOf } from './overhead-kinds.js';
import { listed } from './listed.js';

/**
 * Few sentences, of figures alone: what the features of a run add, or its neighbours do to others; who of the LLM gateways adds least, what
 * others add beside them; who does not keep up and from where; who takes how much memory.
 */
export function answerSentences(summary: Summary, model: ReportModel): string[] {
  const { plays } = model;
  const contenders = model.targets.filter(isContender);
  const gateways = contenders.filter((target) => target !== 'direct' && !plays.has(target));
  const hasGateway = gateways.length > 0;
  const asked = hasGateway ? gateways : contenders;
  const purpose = [...featureAnswer(summary.features ?? []), ...neighbourAnswer(summary.neighbours ?? [])];
  const compared = purpose.length > 0 && gateways.length < 2 ? [] : [leastAdded(summary, asked)];
  return [
    ...purpose,
    ...compared.map((text) => (purpose.length === 0 ? text : capitalised(text))),
    ...(hasGateway ? forReference(summary, { plays, targets: contenders }) : []),
    ...keptUp(withoutSessions(summary)),
    ...heldUp(summary),
    ...mostMemory(summary, contenders),
  ];
}

/** @param targets that are asked about: of the others' places nothing is said */
function leastAdded({ ranking, cells }: Summary, targets: readonly string[]): string {
  const levels = ranking
    .filter(({ quantile }) => quantile === 'p50')
    .map((level) => amongThemselves(level, targets))
    .filter(({ places }) => places.length > 1);
  if (levels.length === 0) return withoutPlaces(cells, targets);
  const ranges = (names: readonly string[]): string =>
    names.map((name) => `${name} ${addedRange(cells, name)}`).join(', ');
  const compared = targets.filter((target) =>
    levels.some(({ places }) => places.some((place) => place.target === target)),
  );
  if (levels.every(({ pairs }) => pairs.every(({ told }) => !told)))
    return `at the median no two gateways could be told apart, at ${levelsText(levels.length, 'either level', 'any of the')} compared: ${ranges(compared)}.`;
  const groups = [...groupBy(levels, (level) => firstsOf(level, targets).join(' and ')).values()]
    .map((alike) => ({ names: firstsOf(alike[0] as Ranking, targets), count: alike.length }))
    .sort((a, b) => b.count - a.count || a.names.length - b.names.length);
  const winners = compared.filter((target) => groups.some(({ names }) => names.includes(target)));
  const [only, ...others] = groups;
  if (only !== undefined && others.length === 0) {
    const where = levelsText(levels.length, 'both levels', 'all');
    const [winner] = only.names;
    return only.names.length === 1 && winner !== undefined
      ? `${winner} added least at the median at ${where} compared (${addedRange(cells, winner)}).`
      : `${listed(only.names)} added least at the median at ${where} compared, and could not be told apart (${ranges(winners)}).`;
  }
  return `${[alone(groups, levels.length), together(groups, levels.length)].filter((part) => part !== '').join('; ')} (${ranges(winners)}).`;
}

/** Letters stay as they are: who shares none was told apart, whoever else is there. */
function amongThemselves(level: Ranking, targets: readonly string[]): Ranking {
  return {
    ...level,
    places: level.places.filter(({ target }) => targets.includes(target)),
    pairs: level.pairs.filter(({ faster, slower }) => targets.includes(faster) && targets.includes(slower)),
  };
}

/** What a proxy adds is what any hop costs: it is no better gateway than the first of them. */
function forReference({ cells }: Summary, { targets, plays }: Pick<ReportModel, 'targets' | 'plays'>): string[] {
  const told = targets.flatMap((target) => {
    const kind = plays.get(target);
    return kind === undefined || addedOf(cells, target).length === 0
      ? []
      : [`${target}, a ${kind}, ${addedRange(cells, target)}`];
  });
  return told.length === 0 ? [] : [`For reference: ${told.join('; ')}.`];
}

interface Firsts {
  readonly names: readonly string[];
  /** Levels at which they are first. */
  readonly count: number;
}

/** `nginx added least at the median at 3 of 6 levels compared, crabllm at 2`; empty where nobody did alone. */
function alone(groups: readonly Firsts[], of: number): string {
  return groups
    .filter(({ names }) => names.length === 1)
    .map(({ names: [name], count }, i) =>
      i === 0 ? `${name} added least at the median at ${count} of ${of} levels compared` : `${name} at ${count}`,
    )
    .join(', ');
}

/** `at 1 crabllm and nginx could not be told apart`. */
function together(groups: readonly Firsts[], of: number): string {
  const isFirst = groups.every(({ names }) => names.length > 1);
  return groups
    .filter(({ names }) => names.length > 1)
    .map(({ names, count }, i) => {
      const where = isFirst && i === 0 ? `at the median, at ${count} of ${of} levels compared,` : `at ${count}`;
      return `${where} ${listed(names)}${i === 0 ? ' could not be told apart' : ''}`;
    })
    .join(', ');
}

function levelsText(count: number, two: string, more: string): string {
  if (count === 1) return 'the one level';
  return count === 2 ? two : `${more} ${count} levels`;
}

/** Who has the first place at a level, alone or shared. */
function firstsOf({ places }: Ranking, targets: readonly string[]): string[] {
  return targets.filter((target) => isAmongFirst(target, places));
}

/** Where no level had two gateways to hold against each other: what each adds, if anything. */
function withoutPlaces(cells: Summary['cells'], targets: readonly string[]): string {
  const gateways = targets.filter((target) => target !== 'direct');
  if (gateways.length === 0) return 'no gateway was measured.';
  const known = gateways.filter((target) => addedOf(cells, target).length > 0);
  if (known.length === 0)
    return `what ${listed(gateways)} ${gateways.length === 1 ? 'adds' : 'add'} is not known: no figure counts.`;
  const told = known.map((target) => `${target} ${addedRange(cells, target)}`);
  const unknown = gateways.filter((target) => !known.includes(target));
  const why =
    gateways.length === 1 ? 'there was nobody to compare it with' : 'no two gateways have figures at one level';
  return `added at the median: ${told.join(', ')}${unknown.length === 0 ? '' : `, not known of ${listed(unknown)}`}; ${why}.`;
}

/** The fastest, and whoever shares a letter with it. */
function isAmongFirst(target: string, places: Summary['ranking'][number]['places']): boolean {
  const [best] = places;
  const own = places.find((place) => place.target === target);
  return (
    best !== undefined && own !== undefined && own.letters.split('').some((letter) => best.letters.includes(letter))
  );
}

function addedOf(cells: Summary['cells'], target: string): number[] {
  return cells.flatMap((cell) => {
    if (cell.target !== target || cell.overheadUs === undefined) return [];
    const shown = overheadOf(cell, cell.perRequest === undefined ? 'quantile-shift' : 'per-request', 'p50');
    return shown === null ? [] : [shown.estimate.value];
  });
}

function addedRange(cells: Summary['cells'], target: string): string {
  const added = addedOf(cells, target);
  if (added.length === 0) return 'no figure';
  return formatShiftsMs(added);
}

/** Sessions have no rate that is asked of a target: each goes on when it is answered. */
function withoutSessions({ cells, sessions = [] }: Summary): Summary['cells'] {
  const theirs = new Set(sessions.flatMap(({ scenario, rows }) => [scenario, ...rows.map((row) => row.scenario)]));
  return cells.filter(({ scenario }) => !theirs.has(scenario));
}

/** Below so much of what sessions had at `direct`, the draws of pauses do not explain it. */
const HELD_UP = 0.8;

/** By whom sessions are held up: they have fewer turns in the same time than at `direct`. */
function heldUp({ cells, sessions = [] }: Summary): string[] {
  const slower = sessions.flatMap(({ scenario, level }) => {
    const here = cells.filter((cell) => cell.scenario === scenario && formatLevel(cell.level) === formatLevel(level));
    const direct = here.find(({ target }) => target === 'direct')?.achievedRps ?? null;
    return here.flatMap(({ target, achievedRps }) =>
      direct === null || achievedRps === null || achievedRps >= HELD_UP * direct
        ? []
        : [
            {
              target,
              text: `${achievedRps.toFixed(0)} of ${direct.toFixed(0)} (${scenario} at ${formatLevel(level)})`,
            },
          ],
    );
  });
  const told = [...groupBy(slower, ({ target }) => target)].map(
    ([target, levels]) => `${target} ${listed(levels.map(({ text }) => text))}`,
  );
  return told.length === 0 ? [] : [`Sessions are held up, turns a second of those at direct: ${told.join('; ')}.`];
}

/** Who did not carry a level, and from which one on: saturated, or with so many wrong answers that nothing could be timed. */
function keptUp(cells: Summary['cells']): string[] {
  const short = cells.filter(({ state }) => state === 'saturated' || state === 'failed');
  if (short.length === 0) return allKeptUp(cells);
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

/** Of what is void nobody knows whether it kept up, and a pool of connections asks for no rate. */
function allKeptUp(cells: Summary['cells']): string[] {
  const asked = cells.filter(
    ({ target, state, level }) => target !== 'direct' && state !== 'absent' && level.kind === 'rps',
  );
  const ok = asked.filter(({ state }) => state === 'ok');
  if (ok.length === 0) return [];
  if (ok.length < asked.length)
    return [`Wherever figures count the load was kept up with (${ok.length} of ${asked.length} cells of gateways).`];
  const names = [...new Set(ok.map(({ target }) => target))];
  return [`${names.length === 1 ? `${names[0]}` : 'All of them'} kept up with every level.`];
}

/** @param targets that are asked about: what a feature takes beside is its own figure */
function mostMemory({ cells }: Summary, targets: readonly string[]): string[] {
  const most = new Map<string, number>();
  for (const { target, memoryPeakBytes } of cells)
    if (memoryPeakBytes !== null && targets.includes(target))
      most.set(target, Math.max(memoryPeakBytes, most.get(target) ?? 0));
  if (most.size === 0) return [];
  const inMiB = (bytes: number): string => (bytes / 1024 ** 2).toFixed(0);
  const told = [...most]
    .filter(([target]) => target !== 'direct')
    .map(([target, bytes]) => `${target} ${inMiB(bytes)}`);
  const mock = most.get('direct');
  const its = mock === undefined ? [] : [`the mock ${told.length === 0 ? '' : 'itself '}${inMiB(mock)}`];
  return [`Peak memory, in MiB: ${[...told, ...its].join(', ')}.`];
}
