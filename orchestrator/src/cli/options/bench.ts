import { resolve } from 'node:path';
import type { Options } from 'yargs';
import type { OwnProgram } from '../../catalogue/own-program.js';
import type { SurfaceLimits } from '../../record/surface.js';
import type { Objective } from '../../record/objective.js';
import { FEATURES } from '../../catalogue/feature.js';
import { hasSessions } from '../../catalogue/scenario.js';
import { ALL_GROUPS, FEATURE_GROUP, GROUPS, SCENARIOS } from '../../catalogue/scenarios.js';
import { usageError } from '../../errors.js';
import type { PlannedScenario } from '../../plan/plan.js';
import { chosenScenarios } from './chosen-scenarios.js';
import type { AwakeChoice } from '../../measure/equipment.js';
import type { PinChoice } from '../../measure/pinning.js';
import { type ExternalTarget, SECOND_CHANCES } from '../../measure/request.js';
import type { PrecisionGoal } from '../../measure/until-precise.js';
import { TIMEOUT_SECONDS } from '../../record/load-defaults.js';
import {
  type RawOptions,
  flagOption,
  refuseBeside,
  repeatableOption,
  textOption,
  valueOf,
  valuesOf,
} from './command.js';
import { MOST_AGENTS } from '../../agent/wire.js';
import { parseBinary } from './binary.js';
import { CLUSTER_OPTIONS, type ClusterOptions, readClusterOptions } from './cluster.js';
import { parseTarget } from './target.js';
import { CONDUCT_GROUP } from './conduct.js';
import { awakeOption, readAwake } from './awake.js';
import { pinOption, readPin } from './pin.js';
import { type BlendOption, blendOptions, readBlend } from './blend.js';
import { LOAD_OPTIONS, type LoadOptions, readLoadOptions } from './load.js';
import { pairedOption, readPaired } from './paired.js';
import { precisionOptions, readPrecision } from './precision.js';
import { QUESTION_OPTIONS, type Question, readQuestion, type UsualOptions } from './question.js';
import { readServe, serveOptions } from './serve.js';
import { readSurface } from './surface.js';
import { outputDirectory, readShowOptions, SHOW_OPTIONS, type ShowOptions, SHOWN } from './shown.js';
import {
  parseChoice,
  parseLevels,
  parseMockPort,
  parseNumber,
  parseSeed,
  parseShare,
  parseNames,
  scenarioName,
} from './values.js';

/** What a person asked of `bench`, with defaults filled in and every value checked. */
export interface BenchOptions {
  readonly group: string;
  /** Narrows the group; null: all of it. */
  readonly scenarios: readonly string[] | null;
  /** Null: every gateway of the catalogue, as far as it can be had. */
  readonly gateways: readonly string[] | null;
  readonly variants: readonly string[];
  readonly externals: readonly ExternalTarget[];
  readonly programs: readonly OwnProgram[];
  readonly composeFiles: readonly string[];
  readonly rps: readonly number[] | null;
  readonly streams: readonly number[] | null;
  /** Levels of a closed loop, in place of requests per second. */
  readonly closed: readonly number[] | null;
  readonly durationMs: number;
  readonly blocks: number;
  /** Blocks are then the least, and go on until the overheads are known this well; null: as many as are asked for. */
  readonly precision: PrecisionGoal | null;
  readonly warmupMs: number;
  readonly timeoutMs: number;
  readonly seed: number;
  readonly runtime: 'auto' | 'docker' | 'process' | 'external' | 'kubernetes';
  /** Null: the run is not on a cluster. */
  readonly cluster: ClusterOptions | null;
  /** Null: the runtime's own. */
  readonly driver: 'oha' | 'native' | null;
  /** A scenario made up for this run, in place of a group's; null: none. */
  readonly blend: BlendOption | null;
  readonly load: LoadOptions;
  readonly pin: PinChoice;
  /** Processes, or Pods of a cluster, that make the load together; null: as the runtime does by itself. */
  readonly agents: number | null;
  /** Null: cores are not kept awake. */
  readonly awake: AwakeChoice | null;
  /** Whether two targets are measured at the same time. */
  readonly paired: boolean;
  readonly mockPort: number | null;
  readonly keepUp: boolean;
  readonly skipHopeless: boolean;
  /** What measuring void trials once more may take at most, as a share of the plan's time. */
  readonly secondChances: number;
  /** The objectives of `--find-capacity`; null without it. */
  readonly objectives: readonly Objective[] | null;
  /** At which `--find-capacity` looks; none: those of the compose file. */
  readonly limits: readonly SurfaceLimits[];
  /** Null: no soak. */
  readonly soakMs: number | null;
  readonly quick: boolean;
  readonly dryRun: boolean;
  readonly resume: boolean;
  /** Whether it waits for the end of other runs on this host. */
  readonly wait: boolean;
  readonly output: string;
  readonly show: ShowOptions;
  /** Port of the page while it is measured, 0 for any; null: there is none. */
  readonly servePort: number | null;
}

const WHAT = 'What is measured';
const HOW = 'How';

/** yargs' description of the options of `bench`; values are checked by {@link readBenchOptions}. */
export const BENCH_OPTIONS: Readonly<Record<string, Options>> = {
  group: textOption(
    WHAT,
    `Scenarios run together: ${[...GROUPS.map(({ name }) => name), 'all'].join(', ')}; ${CONDUCT_GROUP}: what they do while providers fail`,
    'overhead',
  ),
  scenarios: textOption(WHAT, 'Only these of the group, e.g. chat-minimal,chat-stream'),
  gateways: textOption(
    WHAT,
    'Only these gateways, e.g. crabllm,litellm; versions side by side: crabllm@0.0.24,crabllm@0.0.25; a variant: crabllm+ext; all: every one that can be had; direct: the mock alone',
    'the usual ones, as far as they can be had',
  ),
  variants: textOption(
    WHAT,
    'Beside each gateway these of its variants, and its own configuration once more (NAME+bare), e.g. auth',
  ),
  target: repeatableOption(
    WHAT,
    "Measure something that already runs in front of the mock: NAME=URL, or a URL; behind it base-path=, health=, model=, model-prefix=, header=, serves=, accept=, as of an entry's x-bench",
  ),
  binary: repeatableOption(WHAT, 'Measure a build of your own: GATEWAY=PATH in its place, GATEWAY:NAME=PATH beside it'),
  compose: repeatableOption(WHAT, 'Add the gateways of a Compose file of your own'),
  rps: textOption(WHAT, 'Levels in requests per second, e.g. "100 500"', "the group's"),
  streams: textOption(WHAT, 'Levels of the group concurrent, in open streams', '100 500 1000'),
  closed: textOption(WHAT, 'Closed loop instead of --rps: so many requests at a time, each followed by the next'),
  ...blendOptions(WHAT),
  quick: flagOption(
    WHAT,
    'A look of two to five minutes: chat-minimal and chat-stream, 100 and 500 rps, 3 blocks of 1.5 s',
  ),
  duration: textOption(HOW, 'Measured seconds of a cell in total, split over the blocks', '30 (a capacity window: 4)'),
  blocks: textOption(HOW, 'Passes over all cells, each in a random order of its own', '6'),
  ...precisionOptions(HOW),
  ...pairedOption(HOW),
  warmup: textOption(
    HOW,
    'Seconds of load before each measurement, on the same connections; half where the scenario was just measured',
    '1, with --find-capacity 0.5',
  ),
  timeout: textOption(
    HOW,
    'Seconds after which a request has failed, from when it was due (oha: from when it was sent)',
    `${TIMEOUT_SECONDS.run}, with --find-capacity ${TIMEOUT_SECONDS.search}`,
  ),
  seed: textOption(HOW, 'Whole number that fixes every random choice', 'random, recorded'),
  runtime: textOption(
    HOW,
    'What starts the services: auto, docker, process, external, kubernetes',
    'auto: docker when an engine answers',
  ),
  driver: textOption(HOW, 'What makes the load: oha, native', 'oha on docker, else native'),
  ...LOAD_OPTIONS,
  agents: textOption(
    'How the load is made (native driver)',
    'Split each load among so many processes of this host, or Pods of a cluster (crabllm-bench agent)',
    'none; on a cluster 1',
  ),
  ...pinOption(HOW),
  ...awakeOption(HOW),
  'mock-port': textOption(HOW, 'Port of the mock', '9999'),
  'keep-up': flagOption(HOW, 'Keep all gateways up all the time instead of only the measured one'),
  skip: {
    type: 'boolean',
    default: true,
    group: HOW,
    describe: 'Leave out levels above one that saturated in two blocks (--no-skip sends them)',
  },
  'second-chances': textOption(
    HOW,
    "What measuring void trials once more may take, as a share of the plan's time; 0: none is",
    `${SECOND_CHANCES}`,
  ),
  require: textOption(HOW, `Of --group ${CONDUCT_GROUP}: limits that fail it, e.g. "conduct.amplification<=1.5"`),
  commit: textOption(
    HOW,
    'Keep in run.json which commit is measured: history links those between which a figure changed',
  ),
  resume: flagOption(HOW, 'Go on with the interrupted run in the output directory'),
  wait: flagOption(HOW, 'Wait until no other run measures on this host'),
  'dry-run': flagOption(HOW, 'Print the whole plan and stop'),
  ...QUESTION_OPTIONS,
  ...CLUSTER_OPTIONS,
  ...SHOW_OPTIONS,
  ...serveOptions(SHOWN),
  'chart-only': flagOption(SHOWN, 'Measure nothing: show what is in the output directory (also of the original suite)'),
};

/** What is taken where nothing is said; null: all of the group, or its own levels. */
const USUAL: UsualOptions = {
  scenarios: null,
  rps: null,
  durationMs: 30_000,
  blocks: 6,
  warmupMs: 1000,
  timeoutMs: 1000 * TIMEOUT_SECONDS.run,
};

const QUICK: UsualOptions = {
  ...USUAL,
  scenarios: ['chat-minimal', 'chat-stream'],
  rps: [100, 500],
  durationMs: 4500,
  blocks: 3,
  warmupMs: 500,
};

/** Less of a block is no measurement: the slowest gateway would not answer within it. */
const LEAST_BLOCK_MS = 100;

/**
 * Checks every value of `bench`.
 * @throws BenchError `bad-value` and the like, exit code 2
 */
export function readBenchOptions(raw: RawOptions): BenchOptions {
  if (valueOf(raw, 'require') !== undefined)
    throw usageError(
      'bad-value',
      `--require is of --group ${CONDUCT_GROUP} alone.`,
      'Of other runs: crabllm-bench compare --fail-on, and --slo of --find-capacity.',
    );
  checkCommit(raw);
  const quick = raw['quick'] === true;
  const question = readQuestion(raw);
  const usual = question?.usual ?? (quick ? QUICK : USUAL);
  const blend = readBlend(raw);
  const selection = readSelection(raw, usual);
  const pace = readPace(raw, usual, question, blend?.trialMs ?? null);
  const chosen = chosenScenarios({ ...selection, blend });
  checkWindows(chosen, pace);
  checkSessions(raw, chosen);
  return {
    ...selection,
    ...pace,
    ...readMeans(raw),
    blend,
    paired: readPaired(raw, chosen),
    objectives: question?.objectives ?? null,
    limits: readSurface(raw),
    soakMs: question?.soakMs ?? null,
    quick,
    dryRun: raw['dry-run'] === true,
    resume: raw['resume'] === true,
    wait: raw['wait'] === true,
    output: outputDirectory(raw),
    show: readShowOptions(raw),
    servePort: readServe(raw),
  };
}

/** A name is what a branch moves on from; only the commit's own name says later what was measured. */
function checkCommit(raw: RawOptions): void {
  const commit = valueOf(raw, 'commit');
  if (commit === undefined || /^[0-9a-f]{7,64}$/i.test(commit)) return;
  throw usageError(
    'bad-value',
    `--commit ${JSON.stringify(commit)} is no name of a commit.`,
    'Give 7 to 64 hexadecimal digits: --commit "$(git rev-parse HEAD)".',
  );
}

type Selection =
  | 'group'
  | 'scenarios'
  | 'gateways'
  | 'variants'
  | 'externals'
  | 'programs'
  | 'composeFiles'
  | 'rps'
  | 'streams'
  | 'closed';

/** Which cells. */
function readSelection(raw: RawOptions, usual: UsualOptions): Pick<BenchOptions, Selection> {
  const one = (name: string): string | undefined => valueOf(raw, name);
  const group = parseChoice('group', one('group') ?? 'overhead', [
    ...GROUPS.map(({ name }) => name),
    'all',
    CONDUCT_GROUP,
  ]);
  const [scenarios, gateways, variants] = [one('scenarios'), one('gateways'), one('variants')];
  const [rps, streams] = [one('rps'), one('streams')];
  const usualScenarios = group === 'overhead' ? usual.scenarios : null;
  return {
    group,
    scenarios:
      scenarios === undefined
        ? usualScenarios
        : readScenarios(group, parseNames('scenarios', scenarios, 'chat-minimal,chat-stream')),
    gateways: gateways === undefined ? null : parseNames('gateways', gateways, 'crabllm,litellm'),
    variants: variants === undefined ? usualVariants(group) : parseNames('variants', variants, 'auth,cache-hit'),
    externals: valuesOf(raw, 'target').map((text) => parseTarget(text)),
    programs: valuesOf(raw, 'binary').map(parseBinary),
    composeFiles: valuesOf(raw, 'compose').map((path) => resolve(path)),
    rps: rps === undefined ? usual.rps : parseLevels('rps', rps, 1_000_000),
    streams: streams === undefined ? null : parseLevels('streams', streams, 100_000),
    closed: readClosed(raw),
  };
}

/** A group of variants takes them all. */
function usualVariants(group: string): readonly string[] {
  return group === FEATURE_GROUP ? FEATURES.map(({ name }) => name) : [];
}

type Pace = 'durationMs' | 'blocks' | 'precision' | 'warmupMs' | 'timeoutMs' | 'seed';

/** How long and how often. @param replayMs what a trial takes whose requests have times of their own */
function readPace(
  raw: RawOptions,
  usual: UsualOptions,
  question: Question | null,
  replayMs: number | null,
): Pick<BenchOptions, Pace> {
  const number = (name: string, fallback: number, bounds: Parameters<typeof parseNumber>[2]): number => {
    const given = valueOf(raw, name);
    return given === undefined ? fallback : parseNumber(name, given, bounds);
  };
  const blocks = number('blocks', usual.blocks, { min: 1, max: 1000, integer: true });
  const seconds = number('duration', usual.durationMs / 1000, { min: 1, max: 86_400, unit: 'seconds' });
  const soakMs = question?.soakMs ?? null;
  if (soakMs === null && replayMs === null) checkBlockLength(seconds, blocks);
  return {
    durationMs: soakMs ?? (replayMs === null ? 1000 * seconds : Math.max(replayMs, LEAST_BLOCK_MS) * blocks),
    blocks,
    precision: readPrecision(raw, blocks),
    warmupMs: 1000 * number('warmup', usual.warmupMs / 1000, { min: 0, max: 600, unit: 'seconds' }),
    timeoutMs: 1000 * number('timeout', usual.timeoutMs / 1000, { min: 0.1, max: 3600, unit: 'seconds' }),
    seed: parseSeed(valueOf(raw, 'seed')),
  };
}

function checkBlockLength(seconds: number, blocks: number): void {
  const blockMs = (1000 * seconds) / blocks;
  if (blockMs >= LEAST_BLOCK_MS) return;
  const least = Math.ceil((blocks * LEAST_BLOCK_MS) / 1000);
  throw usageError(
    'bad-value',
    `--duration ${seconds} split over --blocks ${blocks} leaves ${Number(blockMs.toPrecision(3))} ms for each; ${LEAST_BLOCK_MS} ms is the least.`,
    `Give --duration ${least} or more, or at most ${Math.floor((1000 * seconds) / LEAST_BLOCK_MS)} blocks.`,
  );
}

/** In a window shorter than an answer the load would be gone before most of what is measured. */
function checkWindows(chosen: readonly PlannedScenario[], { durationMs, blocks }: Pick<BenchOptions, Pace>): void {
  const slowest = chosen.map(({ scenario }) => scenario).sort((a, b) => (b.heldMs ?? 0) - (a.heldMs ?? 0))[0];
  const [blockMs, heldMs] = [durationMs / blocks, slowest?.heldMs ?? 0];
  if (blockMs >= heldMs) return;
  throw usageError(
    'bad-value',
    `--duration ${durationMs / 1000} split over --blocks ${blocks} leaves ${Number(blockMs.toPrecision(3))} ms for each; an answer of ${slowest?.name} takes ${heldMs} ms.`,
    `Give --duration ${Math.ceil((blocks * heldMs) / 1000)} or more, or fewer blocks, or leave it out with --scenarios.`,
  );
}

/** Sessions arrive at random, and their requests follow answers: what lays out a schedule would be passed over in silence. */
function checkSessions(raw: RawOptions, chosen: readonly PlannedScenario[]): void {
  checkNeighbours(raw, chosen);
  const holding = chosen.find(({ scenario }) => hasSessions(scenario));
  if (holding === undefined) return;
  const beside = ['arrivals', 'shape', 'pacing', 'closed', 'paired', 'find-capacity'].find(
    (name) => raw[name] !== undefined && raw[name] !== false,
  );
  if (beside === undefined) return;
  throw usageError(
    'bad-value',
    `--${beside} cannot go with ${holding.scenario.name}, whose sessions arrive at random and send each request when the one before is answered.`,
    'Leave it out; --rps says how many requests a second all sessions send together.',
  );
}

/** What has a schedule of its own beside the level's is none that two targets could share, nor a number in flight. */
function checkNeighbours(raw: RawOptions, chosen: readonly PlannedScenario[]): void {
  const watched = chosen.find(({ scenario }) => scenario.against !== undefined)?.scenario;
  if (watched === undefined) return;
  const beside = ['closed', 'paired', 'find-capacity'].find((name) => raw[name] !== undefined && raw[name] !== false);
  if (beside !== undefined)
    throw usageError(
      'bad-value',
      `--${beside} cannot go with ${watched.name}, whose neighbour comes by a schedule of its own.`,
      'Leave it out; --rps says how many short chats a second there are.',
    );
  const { scenarios = [] } = watched.against ?? {};
  const missing = scenarios.find((name) => chosen.every(({ scenario }) => scenario.name !== name));
  if (missing === undefined) return;
  throw usageError(
    'bad-value',
    `${watched.name} is told against ${scenarios.join(' and ')}, and ${missing} is left out.`,
    `Add it: --scenarios ${[...scenarios, watched.name].join(',')}.`,
  );
}

type Means =
  | 'runtime'
  | 'cluster'
  | 'driver'
  | 'load'
  | 'pin'
  | 'agents'
  | 'awake'
  | 'mockPort'
  | 'keepUp'
  | 'skipHopeless'
  | 'secondChances';

/** By what. */
function readMeans(raw: RawOptions): Pick<BenchOptions, Means> {
  const driver = valueOf(raw, 'driver');
  const runtime = parseChoice('runtime', valueOf(raw, 'runtime') ?? 'auto', [
    'auto',
    'docker',
    'process',
    'external',
    'kubernetes',
  ]);
  return {
    runtime,
    cluster: readClusterOptions(raw, runtime),
    driver: driver === undefined ? null : parseChoice('driver', driver, ['oha', 'native'] as const),
    load: readLoadOptions(raw),
    pin: readPin(raw),
    agents: readAgents(raw, runtime === 'kubernetes' ? MOST_AGENTS : MOST_LOCAL_AGENTS),
    awake: readAwake(raw),
    mockPort: parseMockPort(valueOf(raw, 'mock-port')),
    keepUp: raw['keep-up'] === true,
    skipHopeless: raw['skip'] !== false,
    secondChances: parseShare('second-chances', valueOf(raw, 'second-chances') ?? `${SECOND_CHANCES}`),
  };
}

/** More than a host has cores would only wait for each other. */
const MOST_LOCAL_AGENTS = 64;

function readAgents(raw: RawOptions, max: number): number | null {
  const agents = valueOf(raw, 'agents');
  if (agents === undefined) return null;
  refuseBeside(raw, 'agents', ['paired'], 'Two targets that share a schedule are loaded by one driver.');
  refuseBeside(raw, 'agents', ['awake'], 'Cores are kept awake around the due times of one driver.');
  return parseNumber('agents', agents, { min: 1, max, integer: true });
}

function readClosed(raw: RawOptions): number[] | null {
  const closed = valueOf(raw, 'closed');
  if (closed === undefined) return null;
  refuseBeside(raw, 'closed', ['rps'], 'Give one of them, or measure twice.');
  return parseLevels('closed', closed, 100_000);
}

function readScenarios(group: string, names: readonly string[]): string[] {
  const groups = group === 'all' ? ALL_GROUPS : [group];
  const allowed = GROUPS.filter(({ name }) => groups.includes(name)).flatMap(({ scenarios }) => scenarios);
  const all = SCENARIOS.map(({ name }) => name);
  const chosen = names.map((given) => {
    const name = scenarioName(given, all);
    const elsewhere = allowed.includes(name) ? undefined : GROUPS.find(({ scenarios }) => scenarios.includes(name));
    if (elsewhere === undefined) return parseChoice('scenarios', name, allowed);
    throw usageError(
      'bad-value',
      `--scenarios ${name} is not in --group ${group}.`,
      `Add --group ${elsewhere.name}, or choose of: ${allowed.join(', ')}.`,
    );
  });
  return all.filter((name) => chosen.includes(name));
}
