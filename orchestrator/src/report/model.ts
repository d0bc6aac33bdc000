import { type Level, cellKey, formatLevel } from '../record/cell.js';
import type { NotLlmGateway } from '../record/not-llm-gateway.js';
import type { CellSummary, NoiseFloor, Ranking, Summary } from '../record/summary.js';
import { besideShare } from '../record/time-account.js';
import { formatMs } from './format.js';
import { LEAST_ACHIEVED_SHARE } from '../record/validity.js';

/** A target that has no cell at all: told once with its reason, not once a cell. */
interface AbsentTarget {
  readonly target: string;
  readonly message: string;
  /** The table of features says so too. */
  readonly isAmongFeatures: boolean;
}

/** All targets side by side at one level, in plan order; absent targets are left out. */
export interface LevelRows {
  readonly level: Level;
  readonly label: string;
  readonly rows: readonly CellSummary[];
  /** Targets that are erratic here, as a finding says. */
  readonly erratic: ReadonlySet<string>;
  readonly noiseFloor: NoiseFloor | null;
  /** By p50 and by p99. */
  readonly rankings: readonly Ranking[];
}

/** The rows of one scenario, level by level. */
export interface ScenarioRows {
  readonly scenario: string;
  /** What it is, where only this run knows. */
  readonly about: string | null;
  readonly levels: readonly LevelRows[];
}

/** What every way of showing a run starts from. */
export interface ReportModel {
  readonly title: string;
  /** One line: run, blocks, driver, runtime, host. */
  readonly subtitle: string;
  /** What latency counts from, in words. */
  readonly clock: string;
  /** What a memory is: the highest while the load ran, or one look behind it. */
  readonly memory: 'peak' | 'look';
  /** Every target, in plan order; its name chooses its colour everywhere. */
  readonly targets: readonly string[];
  readonly absentTargets: readonly AbsentTarget[];
  /** What those are that are no LLM gateways and stand among them for reference. */
  readonly plays: ReadonlyMap<string, NotLlmGateway>;
  readonly scenarios: readonly ScenarioRows[];
}

/** A target's name as a table has it: `nginx (proxy)`. */
export function shownName({ plays }: Pick<ReportModel, 'plays'>, target: string): string {
  const kind = plays.get(target);
  return kind === undefined ? target : `${target} (${kind})`;
}

/** Groups a summary for reading: what is to be compared (one scenario, one level) stands together. */
export function reportModel(summary: Summary): ReportModel {
  const targets = unique(summary.cells.map(({ target }) => target));
  const absentTargets = targets.flatMap((target) => absenceOf(summary, target) ?? []);
  const shown = summary.cells.filter(({ target }) => !absentTargets.some((absent) => absent.target === target));
  return {
    title: 'LLM gateways in front of a mock backend',
    subtitle: subtitleOf(summary),
    clock: runClock(summary),
    memory: summary.findings.some(({ code }) => code === 'memory-not-peak') ? 'look' : 'peak',
    targets,
    absentTargets,
    plays: new Map((summary.references ?? []).map(({ target, plays }) => [target, plays])),
    scenarios: unique(summary.cells.map(({ scenario }) => scenario)).map((scenario) => ({
      scenario,
      about: aboutOf(summary, scenario),
      levels: levelsOf(summary, scenario).map((level) => ({
        level,
        label: formatLevel(level),
        rows: shown.filter((cell) => cell.scenario === scenario && sameLevel(cell.level, level)),
        erratic: erraticAt(summary, scenario, level),
        noiseFloor:
          summary.noiseFloor.find((floor) => floor.scenario === scenario && sameLevel(floor.level, level)) ?? null,
        rankings: summary.ranking.filter((ranking) => ranking.scenario === scenario && sameLevel(ranking.level, level)),
      })),
    })),
  };
}

/** A habit is told once a scenario, at the lowest level that shows it; the others are in its evidence. */
function erraticAt({ findings }: Summary, scenario: string, level: Level): Set<string> {
  const told = findings.filter((finding) => finding.code === 'erratic' && finding.scenario === scenario);
  return new Set(
    told.flatMap(({ target, level: lowest, evidence }) => {
      const others = Array.isArray(evidence['levels']) ? (evidence['levels'] as readonly { level: Level }[]) : [];
      const levels = [...(lowest === null ? [] : [lowest]), ...others.map((other) => other.level)];
      return target !== null && levels.some((one) => sameLevel(one, level)) ? [target] : [];
    }),
  );
}

/** What a person is told in place of figures: `saturated at 53.4/500 rps`, `failed: 12 % of …`. Empty for a cell that is ok. */
export function stateText({ state, reason, latencyAtAchievedUs }: CellSummary): string {
  const message = reason?.message ?? 'no reason was recorded';
  if (state === 'ok') return '';
  if (latencyAtAchievedUs?.p50 !== undefined) {
    const { p50, p99 } = latencyAtAchievedUs;
    const figures = `p50 ${formatMs(p50.value)}${p99 === undefined ? '' : `, p99 ${formatMs(p99.value)}`} ms`;
    return message.replace(/^saturated at/, `saturated: ${figures} at`);
  }
  return message.startsWith(state) ? message : `${state}: ${message}`;
}

/** What a rate is held against: the level, or what was due where that is less by more than the cut of a window. Null in a closed loop. */
export function askedRps({ level, offeredRps }: CellSummary): number | null {
  if (level.kind !== 'rps') return null;
  return offeredRps !== null && offeredRps < LEAST_ACHIEVED_SHARE * level.value ? offeredRps : level.value;
}

/** What the figures of a level rest on: `9 blocks of 167 requests`; null where no cell has figures. */
export function basisOf({ rows }: LevelRows): string | null {
  const ok = rows.filter(({ state, perBlock }) => state === 'ok' && perBlock.length > 0);
  if (ok.length === 0) return null;
  const blocks = range(ok.map(({ perBlock }) => perBlock.length));
  // Direct has two trials in a block.
  const requests = range(
    ok
      .filter(({ overheadUs }) => overheadUs !== undefined)
      .flatMap(({ perBlock }) => perBlock.map((block) => block.requests)),
  );
  const of = requests === '' ? '' : ` of ${requests} requests`;
  return `${blocks} ${blocks === '1' ? 'block' : 'blocks'}${of}`;
}

function range(values: readonly number[]): string {
  if (values.length === 0) return '';
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? String(least) : `${least}–${most}`;
}

/** What the latencies of a scenario count from: in a closed loop a request has no intended time. */
export function clockOf({ clock }: ReportModel, { levels }: ScenarioRows): string {
  return levels.every(({ level }) => level.kind === 'streams') ? 'from sending (closed loop)' : clock;
}

function aboutOf({ findings }: Summary, scenario: string): string | null {
  const { about } =
    findings.find(({ code, evidence }) => code === 'scenario' && evidence['scenario'] === scenario)?.evidence ?? {};
  return typeof about === 'string' ? about : null;
}

/** The same of all scenarios together. */
export function clocksOf(model: ReportModel): string {
  return unique(model.scenarios.map((scenario) => clockOf(model, scenario))).join(', or ');
}

function absenceOf({ cells, features = [] }: Summary, target: string): AbsentTarget | null {
  const own = cells.filter((cell) => cell.target === target);
  const [first] = own;
  if (!own.every(({ state }) => state === 'absent') || first?.reason === undefined) return null;
  return { target, message: first.reason.message, isAmongFeatures: features.some((cost) => cost.target === target) };
}

function subtitleOf({ run }: Summary): string {
  const { planned, done } = run.blocks;
  const blocks = `${done === planned ? planned : `${done} of ${planned}`} ${planned === 1 ? 'block' : 'blocks'}`;
  const beside = run.time === undefined ? null : besideShare(run.time);
  const parts = [
    `run ${run.id}`,
    // A search has windows, as many as it needs.
    run.options['find-capacity'] === true ? '' : blocks,
    `driver ${run.driver}`,
    `runtime ${run.runtime}`,
    hostOf(run.host),
    beside === null ? '' : `${Math.round(100 * (1 - beside))} % of its time spent measuring`,
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

/** Runs of the original suite say themselves that they count otherwise. */
function runClock({ findings }: Summary): string {
  return findings.some(({ code }) => code === 'latency-from-free-connection')
    ? 'from the moment a connection was free'
    : 'from the intended time of sending';
}

/** Free-form in the manifest: whichever of these a run has recorded. */
function hostOf(host: Readonly<Record<string, unknown>>): string {
  const { cpus, cpuModel } = host;
  if (typeof cpuModel !== 'string') return '';
  return typeof cpus === 'number' ? `${cpus} ${cpus === 1 ? 'CPU' : 'CPUs'} (${cpuModel})` : cpuModel;
}

function levelsOf({ cells }: Summary, scenario: string): Level[] {
  const levels = cells.filter((cell) => cell.scenario === scenario).map(({ level }) => level);
  return [...new Map(levels.map((level) => [keyOf(level), level])).values()];
}

function sameLevel(a: Level, b: Level): boolean {
  return keyOf(a) === keyOf(b);
}

function keyOf(level: Level): string {
  return cellKey({ target: '', scenario: '', level });
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
