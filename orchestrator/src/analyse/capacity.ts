import {
  type Capacity,
  type CapacityAnswer,
  MOST_WINDOWS,
  type Rest,
  searchedTargets,
  settledBy,
} from '../record/capacity.js';
import type { Manifest, TargetRecord } from '../record/manifest.js';
import { judgeWindow, type Objective, type WindowVerdict } from '../record/objective.js';
import { coresOf } from '../record/target-cpu.js';
import type { TrialRecord } from '../record/trial.js';
import { groupBy } from '../grouping.js';
import { priceOf } from '../record/price.js';
import type { Reason } from '../record/reason.js';
import { capacityPlaces } from './capacity-places.js';
import { surfaceOf } from './surface.js';
import { totalsOf } from './totals.js';
import { limitOf } from './what-gave-way.js';

/** Reads the capacities off the windows of a search; the same records give the same answers. */
export function analyseCapacity(
  manifest: Manifest,
  trials: readonly TrialRecord[],
  rest: Rest,
  objectives: readonly Objective[],
): Capacity {
  const direct = manifest.targets.find(({ kind }) => kind === 'direct')?.name ?? null;
  const searched = searchedTargets(manifest.targets).flatMap((target) =>
    manifest.scenarios.map(({ name: scenario, about }) => {
      const control = target.kind === 'direct' ? [] : windowsOf(trials, direct, scenario, objectives);
      const last = trials.findLast((trial) => trial.target === target.name && trial.scenario === scenario);
      const none = target.absent?.message ?? last?.reason?.message ?? 'the run ended before it was measured';
      const lost = last !== undefined && last.load === null ? (last.reason?.message ?? null) : null;
      const windows = windowsOf(trials, target.name, scenario, objectives);
      const answer = {
        ...answerOf(target, windows, control, hostCpus(manifest), { none, lost }),
        target: target.name,
        scenario,
        ...(about === undefined ? {} : { about }),
        ...restOf(target.name, rest),
      };
      return { answer, held: heldAt(answer.low, windows) };
    }),
  );
  const answers = withPlaces(searched.map(({ answer }) => answer));
  const answered = answers.map((answer, i) => ({ answer, held: searched[i]?.held ?? [] }));
  return {
    schemaVersion: 1,
    run: manifest.id,
    objectives: [...objectives],
    answers,
    surface: surfaceOf(manifest.targets, answered, priceOf(manifest)),
  };
}

/** The last windows at the rate that was settled to hold, as far as they did. */
function heldAt(low: number | null, windows: readonly Judged[]): TrialRecord[] {
  return windows
    .filter(({ trial, verdict }) => trial.level.value === low && verdict.outcome !== 'unusable')
    .slice(-MOST_WINDOWS)
    .filter(isHeld)
    .map(({ trial }) => trial);
}

/** A rate that a search sent, and how its windows went. */
export interface SearchStep {
  readonly target: string;
  readonly scenario: string;
  /** Requests per second. */
  readonly rate: number;
  /** Windows in which all conditions held, in which they did not, and which the surroundings spoilt. */
  readonly held: number;
  readonly broken: number;
  readonly spoilt: number;
  /** What the windows agree on; null: on nothing. */
  readonly settled: boolean | null;
  /** What broke in the last window that did not hold, and what spoilt the last that says nothing. */
  readonly why: readonly string[];
}

/** The rates that were sent to each target of a search, from the lowest on; those at which `direct` was the control are left out. */
export function searchSteps(
  { targets, scenarios }: Manifest,
  trials: readonly TrialRecord[],
  objectives: readonly Objective[],
): SearchStep[] {
  return searchedTargets(targets).flatMap(({ name: target }) =>
    scenarios.flatMap(({ name: scenario }) => {
      const windows = windowsOf(trials, target, scenario, objectives);
      return [...groupBy(windows, ({ trial }) => trial.level.value)]
        .map(([rate, own]) => ({ target, scenario, rate, ...stepOf(own) }))
        .toSorted((a, b) => a.rate - b.rate);
    }),
  );
}

function stepOf(windows: readonly Judged[]): Omit<SearchStep, 'target' | 'scenario' | 'rate'> {
  const usable = windows.filter((window) => !isVoid(window));
  const held = usable.filter(isHeld).length;
  const lastBroken = usable.findLast((window) => !isHeld(window));
  const lastVoid = windows.findLast(isVoid);
  return {
    held,
    broken: usable.length - held,
    spoilt: windows.length - usable.length,
    settled: settledBy(usable.map(isHeld)),
    why: [lastBroken, lastVoid].flatMap((window) => window?.verdict.broken ?? []),
  };
}

/** The windows of a target, without those in which it could not even be started. */
function windowsOf(
  trials: readonly TrialRecord[],
  target: string | null,
  scenario: string,
  objectives: readonly Objective[],
): Judged[] {
  return trials
    .filter((trial) => trial.target === target && trial.scenario === scenario)
    .filter(({ load, state }) => load !== null || state === 'void')
    .map((trial) => ({ trial, verdict: judgeWindow(trial, objectives) }));
}

/** Scenarios are ranked each by itself. */
function withPlaces(answers: readonly Omit<CapacityAnswer, 'place'>[]): CapacityAnswer[] {
  const places = new Map(
    [...groupBy(answers, ({ scenario }) => scenario).values()].flatMap((own) => {
      const letters = capacityPlaces(own);
      return own.map((answer, i) => [answer, letters[i] ?? null] as const);
    }),
  );
  return answers.map((answer) => ({ ...answer, place: places.get(answer) ?? null }));
}

interface Judged {
  readonly trial: TrialRecord;
  readonly verdict: WindowVerdict;
}

type Found = Omit<CapacityAnswer, 'target' | 'scenario' | 'about' | keyof AtRest | 'place'>;

function answerOf(
  target: TargetRecord,
  windows: readonly Judged[],
  direct: readonly Judged[],
  cpus: number | null,
  why: { readonly none: string; readonly lost: string | null },
): Found {
  if (windows.length === 0) return { ...nothing(0), state: 'failed', reason: why.none };
  const byRate = [
    ...groupBy(
      windows.filter(({ verdict }) => verdict.outcome !== 'unusable'),
      ({ trial }) => trial.level.value,
    ),
  ]
    .map(([rate, all]) => ({ rate, last: all.slice(-MOST_WINDOWS), settled: settledBy(all.map(isHeld)) }))
    .toSorted((a, b) => a.rate - b.rate);
  const low = byRate.filter(({ settled }) => settled === true).at(-1) ?? null;
  const high = byRate.find(({ rate, settled }) => rate > (low?.rate ?? 0) && settled === false) ?? null;
  const broken = (high?.last ?? []).filter((window) => !isHeld(window));
  const control = high === null ? null : controlAt(high.rate, direct);
  const limit = high === null ? null : limitOf(broken, control, target, cpus);
  const noted = {
    voidWindows: notedIn(windows.filter(isVoid), ({ trial }) => (trial.reason === null ? [] : [trial.reason])),
    warnings: notedIn(
      windows.filter((window) => !isVoid(window)),
      ({ trial }) => trial.warnings,
    ),
  };
  const totals = low === null ? null : totalsOf(low.last.filter(isHeld).map(({ trial }) => trial));
  const firstBroken = windows.findIndex((window) => !isHeld(window) && !isVoid(window));
  const below = low === null && high !== null ? windows.filter(({ trial }) => trial.level.value < high.rate) : [];
  const state = stateOf(low !== null, high !== null, limit?.limit ?? null, hasOpenRate(below));
  return {
    state,
    low: low?.rate ?? null,
    high: high?.rate ?? null,
    windows: windows.length,
    ...noted,
    broken: [...(broken.at(-1)?.verdict.broken ?? [])],
    limit: limit?.limit ?? null,
    limitMessage: limit?.message ?? null,
    cpuUsPerRequest: totals?.cpuUsPerRequest ?? null,
    memoryPeakBytes: memoryOf(windows.slice(0, firstBroken === -1 ? windows.length : firstBroken)),
    memoryOverloadedBytes: firstBroken === -1 ? null : memoryOf(windows),
    control,
    reason: whyOpen(reasonOf(state, low?.rate ?? null, high?.rate ?? null, windows, below), why.lost),
  };
}

function controlAt(rate: number, direct: readonly Judged[]): CapacityAnswer['control'] {
  const windows = direct.filter((window) => window.trial.level.value === rate && !isVoid(window));
  return windows.length === 0 ? null : { windows: windows.length, held: windows.filter(isHeld).length };
}

/** Why an answer has an open end: what windows showed, and how the target was lost, where it was. */
function whyOpen(open: string | null, lost: string | null): string | null {
  if (open === null || lost === null) return open;
  return `${open}; then it was lost: ${lost}`;
}

/** What is told of an answer that has an end which no windows agreed on. */
function reasonOf(
  state: CapacityAnswer['state'],
  low: number | null,
  high: number | null,
  windows: readonly Judged[],
  below: readonly Judged[],
): string | null {
  if (state === 'unsettled' && hasOpenRate(below))
    return `${high} rps does not hold, and what does is not settled: below that ${seenSoFar(below)}`;
  if (state === 'unsettled' && high !== null)
    return 'the lowest rate that was tried does not hold, and driver, mock or the machine that they share with the target gave way';
  if (state === 'unsettled') return seenSoFar(windows);
  const above = windows.filter(({ trial }) => trial.level.value > (low ?? 0));
  if (state !== 'at-least' || high !== null || above.every(isHeld)) return null;
  return `where it ends is not settled: above that ${seenSoFar(above)}`;
}

/** What windows showed that settles nothing. */
function seenSoFar(windows: readonly Judged[]): string {
  const spoilt = windows.filter(isVoid);
  const rates = (held: boolean): number[] =>
    windows.filter((window) => isHeld(window) === held && !isVoid(window)).map(({ trial }) => trial.level.value);
  const [highest, lowest] = [Math.max(...rates(true)), Math.min(...rates(false))];
  const parts = [
    ...(Number.isFinite(highest) ? [`a window held at ${highest} rps`] : []),
    ...(Number.isFinite(lowest) ? [`one broke at ${lowest} rps`] : []),
    ...(spoilt.length === 0 ? [] : [spoiltText(spoilt)]),
  ];
  return `${parts.join(' and ')}, but no rate had windows enough that agreed`;
}

/** Windows that stayed void, which speak of the surroundings and of no rate. */
function spoiltText(spoilt: readonly Judged[]): string {
  const rates = spoilt.map(({ trial }) => trial.level.value);
  const [least, most] = [Math.min(...rates), Math.max(...rates)];
  const why = spoilt.at(-1)?.trial.reason?.message;
  return `${spoilt.length} at ${least === most ? '' : `${least} to `}${most} rps ${spoilt.length === 1 ? 'was' : 'were'} void${why === undefined ? '' : ` (${why})`}`;
}

/** What some windows say beside their figures, the most frequent first. */
function notedIn(
  windows: readonly Judged[],
  reasonsOf: (window: Judged) => readonly Reason[],
): CapacityAnswer['warnings'] {
  const byCode = groupBy(windows.flatMap(reasonsOf), ({ code }) => code);
  return [...byCode]
    .map(([code, all]) => ({ code, windows: all.length, message: all.at(-1)?.message ?? '' }))
    .toSorted((a, b) => b.windows - a.windows);
}

function memoryOf(windows: readonly Judged[]): number | null {
  return totalsOf(windows.map(({ trial }) => trial)).memoryPeakBytes;
}

function isVoid({ verdict }: Judged): boolean {
  return verdict.outcome === 'unusable';
}

function isHeld({ verdict }: Judged): boolean {
  return verdict.outcome === 'holds';
}

/** Whether at some rate nothing broke, and too little held to settle it: then nobody can say that not even the next one above holds. */
function hasOpenRate(below: readonly Judged[]): boolean {
  return [...groupBy(below, ({ trial }) => trial.level.value).values()].some((windows) =>
    windows.every((window) => isVoid(window) || isHeld(window)),
  );
}

function stateOf(
  low: boolean,
  high: boolean,
  limit: CapacityAnswer['limit'],
  openBelow: boolean,
): CapacityAnswer['state'] {
  const ended = high && limit !== 'instrument' && limit !== 'machine';
  if (low) return ended ? 'found' : 'at-least';
  return ended && !openBelow ? 'none' : 'unsettled';
}

function nothing(windows: number): Omit<Found, 'state' | 'reason'> {
  return {
    low: null,
    high: null,
    windows,
    voidWindows: [],
    warnings: [],
    broken: [],
    limit: null,
    limitMessage: null,
    cpuUsPerRequest: null,
    memoryPeakBytes: null,
    memoryOverloadedBytes: null,
    control: null,
  };
}

type AtRest = Pick<CapacityAnswer, 'restMemoryBytes' | 'restCpuShare' | 'readyMs' | 'size'>;

function restOf(target: string, rest: Rest): AtRest {
  const { resources, readyMs = null, size = null } = rest.find((entry) => entry.target === target) ?? {};
  const cores = coresOf(resources ?? null);
  return {
    restMemoryBytes: resources?.memoryEndBytes ?? null,
    restCpuShare: cores === null ? null : Math.round(cores * 1000) / 1000,
    readyMs,
    size,
  };
}

function hostCpus({ host }: Manifest): number | null {
  return typeof host['cpus'] === 'number' ? host['cpus'] : null;
}
