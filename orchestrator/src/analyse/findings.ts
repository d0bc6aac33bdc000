import { parseTargetName } from '../catalogue/target-name.js';
import { awakeText, busyShareBeside } from '../record/awake.js';
import { type CellId, cellKey, formatLevel } from '../record/cell.js';
import type { Manifest } from '../record/manifest.js';
import type { CellSummary, Finding, NoiseFloor } from '../record/summary.js';
import type { TrialRecord } from '../record/trial.js';
import { investigate } from './detective/detective.js';
import { groupBy } from '../grouping.js';
import { unevenShares } from './replicas.js';
import { helperFindings, untriedFindings, variantFindings } from './variants.js';
import { limitsLeftOut } from './limits-left-out.js';
import { missingTrials } from '../record/planned-trials.js';
import { splitFindings } from './best-split.js';
import { precisionFindings } from './precision.js';
import type { AnalysedCell } from './standing.js';
import { unsteadyCells } from './steadiness.js';

/**
 * What a reader must know beside the figures: how far the intervals reach, what the instrument itself did wrong, what is odd about a
 * result. Few and true: findings of a kind are told once, with the cells in the evidence.
 */
export function findingsOf(
  manifest: Manifest,
  cells: readonly AnalysedCell[],
  rows: readonly CellSummary[],
  noiseFloor: readonly NoiseFloor[],
  trials: readonly TrialRecord[],
): Finding[] {
  return [
    ...interrupted(manifest, trials),
    ...madeUp(manifest),
    ...loadMade(manifest),
    ...limitsLeftOut(manifest),
    ...variantFindings(manifest),
    ...untriedFindings(manifest),
    ...helperFindings(manifest, trials),
    ...singleBlock(rows),
    ...precisionFindings({ cells: rows, noiseFloor }, manifest.precision),
    ...splitFindings(manifest, cells),
    ...noRepeatedDirect(rows, noiseFloor),
    ...wideNoiseFloor(cells, rows, noiseFloor),
    ...fullMachine(cells),
    ...lateDriver(trials),
    ...investigate(cells, rows),
    ...fasterThanDirect(rows),
    ...unevenShares(trials),
    ...unsteadyCells(cells),
    ...mixedTrials(cells),
    ...warningsOfTrials(trials),
    ...unplanned(cells, trials),
  ];
}

function interrupted(manifest: Manifest, trials: readonly TrialRecord[]): Finding[] {
  if (manifest.complete) return [];
  if (missingTrials(manifest, trials).length === 0) {
    const message =
      'The run ended behind its plan, while void trials were measured once more: all of the plan is there.';
    return [aboutRun('second-chances-incomplete', 'info', message, {})];
  }
  const message = 'The run ended before its plan did: cells rest on fewer blocks than planned, some were not reached.';
  return [aboutRun('run-incomplete', 'warning', message, { plannedBlocks: manifest.blocks })];
}

/** Scenarios that only this run knows. */
function madeUp({ scenarios }: Manifest): Finding[] {
  return scenarios.flatMap(({ name, about, mix, trace }) => {
    if (about === undefined) return [];
    const message = `${name}: ${about}`;
    return [
      aboutRun('scenario', 'info', message, { scenario: name, about, ...(mix === undefined ? {} : { mix }), ...trace }),
    ];
  });
}

/** How the load was made where a reader of the figures would not suppose it. */
function loadMade({ options, awake }: Manifest): Finding[] {
  const { arrivals, connections, shape } = options;
  const ways = [
    ...(typeof shape === 'string' && shape !== 'flat'
      ? [`over a trial the rate goes as --shape ${shape} says, in shares of the level`]
      : []),
    ...(arrivals === 'poisson'
      ? ['arrivals are random (Poisson), so a trial has about as many as its level says']
      : []),
    ...(connections === 'new'
      ? ['each request opens a connection of its own, and waits for it within its latency']
      : []),
    ...(awake === undefined ? [] : [awakeText(awake)]),
  ];
  if (ways.length === 0) return [];
  return [
    aboutRun('load', 'info', `The load: ${ways.join('; ')}.`, {
      arrivals,
      connections,
      shape,
      ...(awake === undefined ? {} : { awake }),
    }),
  ];
}

function singleBlock(rows: readonly CellSummary[]): Finding[] {
  const measured = rows.filter(({ state }) => state === 'ok');
  const single = measured.filter(({ blocks }) => blocks === 1);
  if (single.length === 0) return [];
  const which =
    single.length === measured.length ? 'Every cell rests' : `${single.length} of ${measured.length} cells rest`;
  const bare = single.every(({ latencyUs }) =>
    Object.values(latencyUs).every((quantile) => quantile?.low === quantile?.high),
  );
  const so = bare
    ? 'and the driver kept percentiles only: there is no interval at all.'
    : 'so the intervals do not cover how one start of a target differs from the next.';
  const message = `${which} on one block, ${so}`;
  return [aboutRun('single-block', 'warning', message, { cells: single.map(nameOf) })];
}

function noRepeatedDirect(rows: readonly CellSummary[], noiseFloor: readonly NoiseFloor[]): Finding[] {
  const judged = rows.filter(({ overheadUs }) => overheadUs !== undefined && Object.keys(overheadUs).length > 0);
  const without = noiseFloor
    .filter(({ pairs }) => pairs === 0)
    .map(({ scenario, level }) => cellKey(at(scenario, level)));
  const unfounded = judged.filter(({ scenario, level }) => without.includes(cellKey(at(scenario, level))));
  if (unfounded.length === 0) return [];
  const message =
    `No block has two usable trials of direct at ${levelsText(unfounded)}, so there is no noise floor there: overheads are shown, but none is called ` +
    'above or below.';
  return [aboutRun('no-noise-floor', 'warning', message, { cells: unfounded.map(nameOf) })];
}

/** A floor above this share of direct's own median hides differences that a reader would care about. */
const WIDE_FLOOR = 0.25;

function wideNoiseFloor(
  cells: readonly AnalysedCell[],
  rows: readonly CellSummary[],
  noiseFloor: readonly NoiseFloor[],
): Finding[] {
  const directs = rows.filter((_, i) => cells[i]?.target.kind === 'direct');
  const wide = noiseFloor.flatMap(({ scenario, level, p50Us, pairs }) => {
    const direct = directs.find((row) => cellKey({ ...row, target: '' }) === cellKey(at(scenario, level)));
    const medianUs = direct?.latencyUs.p50?.value;
    if (p50Us === null || medianUs === undefined || p50Us <= WIDE_FLOOR * medianUs) return [];
    return [{ scenario, level, floorUs: p50Us, directP50Us: medianUs, pairs }];
  });
  if (wide.length === 0) return [];
  const worst = wide.reduce((a, b) => (a.floorUs / a.directP50Us >= b.floorUs / b.directP50Us ? a : b));
  const message =
    `Direct differs much from itself: at ${worst.scenario}, ${formatLevel(worst.level)} the medians of its two visits of a block differ by up to ` +
    `${Math.round(worst.floorUs)} µs, and intervals are as wide as that makes them (${wide.length} of ${noiseFloor.length} levels have a floor above ` +
    `${WIDE_FLOOR * 100} % of direct's median). More blocks, or a quieter machine, would help.`;
  return [aboutRun('noise-floor-wide', 'warning', message, { levels: wide })];
}

/** From this share of the host's CPU time on, a closed loop measures the machine. */
const FULL = 0.95;

/** A closed loop has no pace of its own: it fills whatever there is, and then latency is the number in flight over the throughput. */
function fullMachine(cells: readonly AnalysedCell[]): Finding[] {
  const full = cells.flatMap((cell) => {
    const { id, standing } = cell;
    const busy = standing.trials.flatMap(({ host }) => (host === null ? null : busyShareBeside(host)) ?? []);
    if (id.level.kind !== 'streams' || standing.state !== 'ok' || busy.length === 0) return [];
    const share = busy.reduce((sum, of) => sum + of, 0) / busy.length;
    return share < FULL ? [] : [{ cell: nameOf(id), share }];
  });
  if (full.length === 0) return [];
  const least = Math.min(...full.map(({ share }) => share));
  const message =
    `With a number in flight each request is followed by the next at once, and the host was ${(100 * least).toFixed(0)} % busy or more: such cells ` +
    'say what the machine carried through each target (answers a second), and their latencies follow from that (number in flight / throughput). ' +
    'Compare latencies at a rate, or give the streams a pace.';
  return [aboutRun('machine-full', 'info', message, { cells: full, limit: FULL })];
}

/** What the gate of record/lateness.ts said of the trials, told once: it alone decides when the driver was late. */
function lateDriver(trials: readonly TrialRecord[]): Finding[] {
  const driven = trials.filter(({ load, state }) => load !== null && state !== 'void');
  // One of a trial: each of its agents may have been, and all of them together.
  const late = driven.flatMap((trial) => {
    const warning = trial.warnings.find(({ code }) => code === 'driver-late');
    return warning === undefined ? [] : [{ trial, warning }];
  });
  const [first] = late;
  if (first === undefined) return [];
  const message =
    `In ${late.length} of ${driven.length} trials the driver was late, for example in ${nameOf(first.trial)}: ` +
    `${first.warning.message}.`;
  const trialsLate = late.map(({ trial, warning }) => ({
    cell: nameOf(trial),
    block: trial.block,
    ...warning.evidence,
  }));
  return [aboutRun('driver-late', 'warning', message, { trials: trialsLate })];
}

function fasterThanDirect(rows: readonly CellSummary[]): Finding[] {
  const odd = rows.filter(
    ({ target, overheadUs }) =>
      // A cache that answers by itself need not ask anybody.
      parseTargetName(target).variant !== 'cache-hit' &&
      Object.values(overheadUs ?? {}).some((shift) => shift?.verdict === 'below'),
  );
  if (odd.length === 0) return [];
  const message =
    `Faster than direct, which nothing in front of the mock can be: ${odd.map(nameOf).join('; ')}. ` +
    'Look for connections that are reused better, or for an answer that did not come from the mock.';
  return [aboutRun('faster-than-direct', 'warning', message, { cells: odd.map(nameOf) })];
}

function mixedTrials(cells: readonly AnalysedCell[]): Finding[] {
  return cells.flatMap(({ id, standing }): Finding[] => {
    if (standing.mixture === null || standing.state !== 'ok') return [];
    const message = `Not every trial of this cell could be used: ${standing.mixture}. Its figures rest on the valid ones.`;
    return [{ code: 'trials-differ', severity: 'warning', ...id, message, evidence: { trials: standing.mixture } }];
  });
}

/** Told with their share of the trials by lateDriver and the detective, or beside what a feature costs. */
const TOLD_ELSEWHERE = ['driver-late', 'cpu-throttled', 'feature-attested', 'answered-from-cache'];
/** Without figures of a trial: what is said of one target or scenario is not said of another, and one example does not stand for all. */
const EACH_ITS_OWN = ['request-changed', 'request-chunked'];

function warningsOfTrials(trials: readonly TrialRecord[]): Finding[] {
  const warned = trials
    .flatMap((trial) => trial.warnings.map((warning) => ({ trial, warning })))
    .filter(({ warning }) => !TOLD_ELSEWHERE.includes(warning.code));
  const kinds = groupBy(warned, ({ trial, warning: { code, message } }) =>
    EACH_ITS_OWN.includes(code) ? `${code} ${trial.target} ${message}` : code,
  );
  return [...kinds.values()].map((group) => {
    const code = group[0]?.warning.code ?? '';
    const affected = [...new Set(group.map(({ trial }) => nameOf(trial)))];
    const targets = new Set(group.map(({ trial }) => trial.target));
    const example = group[0]?.warning.message ?? code;
    const message = group.length === 1 ? example : `${example} (${group.length} trials)`;
    const target = targets.size === 1 ? ([...targets][0] ?? null) : null;
    return { ...aboutRun(code, 'warning', message, { cells: affected }), target };
  });
}

function unplanned(cells: readonly AnalysedCell[], trials: readonly TrialRecord[]): Finding[] {
  const planned = new Set(cells.map(({ id }) => cellKey(id)));
  const strange = [...new Set(trials.filter((trial) => !planned.has(cellKey(trial))).map(nameOf))];
  if (strange.length === 0) return [];
  const message = `Trials that the plan does not know were left out: ${strange.join('; ')}.`;
  return [aboutRun('unplanned-trials', 'warning', message, { cells: strange })];
}

function aboutRun(
  code: string,
  severity: Finding['severity'],
  message: string,
  evidence: Finding['evidence'],
): Finding {
  return { code, severity, target: null, scenario: null, level: null, message, evidence };
}

function at(scenario: string, level: CellId['level']): CellId {
  return { target: '', scenario, level };
}

/** Each scenario and level once. */
function levelsText(cells: readonly Pick<CellId, 'scenario' | 'level'>[]): string {
  return [...new Set(cells.map(({ scenario, level }) => `${scenario} ${formatLevel(level)}`))].join(', ');
}

function nameOf({ target, scenario, level }: CellId): string {
  return `${target} ${scenario} at ${formatLevel(level)}`;
}
