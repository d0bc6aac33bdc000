import type { Level } from '#src/record/cell.js';
import { Histogram } from '#src/record/histogram.js';
import type { Manifest } from '#src/record/manifest.js';
import {
  type Distribution,
  type LedgerRecord,
  type LoadRecord,
  NOTHING_MEASURED,
  type TrialRecord,
} from '#src/record/trial.js';

/** A seeded source of numbers in (0, 1): Lehmer's generator, unlike the one under test. */
export function lehmer(seed: number): () => number {
  let state = (seed % 2147483646) + 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

/** Standard normal, by Box and Muller. */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}

/** Latencies of one trial: lognormal about a median, by second of its window. */
export function lognormalDistribution(
  random: () => number,
  of: { medianUs: number; sigma: number; perSecond: number; seconds: number },
): Distribution {
  const seconds = Array.from({ length: of.seconds }, () => {
    const histogram = new Histogram();
    for (let i = 0; i < of.perSecond; i += 1) histogram.record(of.medianUs * Math.exp(of.sigma * normal(random)));
    return histogram.toSparse();
  });
  const nothing = { p50: null, p90: null, p99: null, p999: null, max: null };
  return { count: of.perSecond * of.seconds, quantiles: nothing, seconds };
}

interface TargetShape {
  readonly name: string;
  readonly kind: 'direct' | 'gateway';
  readonly addedUs: number;
  readonly sigma: number;
  readonly memoryBytes: number;
  readonly cpuUs: number;
  /** Requests a second beyond which it does not keep up. */
  readonly capacity: number;
  readonly absent?: string;
}

const MIB = 1024 ** 2;

const TARGETS: readonly TargetShape[] = [
  { name: 'direct', kind: 'direct', addedUs: 0, sigma: 0.25, memoryBytes: 60 * MIB, cpuUs: 45, capacity: 9000 },
  { name: 'crabllm', kind: 'gateway', addedUs: 350, sigma: 0.3, memoryBytes: 18 * MIB, cpuUs: 110, capacity: 9000 },
  {
    name: 'bifrost',
    kind: 'gateway',
    addedUs: 0,
    sigma: 0,
    memoryBytes: 0,
    cpuUs: 0,
    capacity: 0,
    absent: 'the program bifrost is not on PATH; put it there, or use --runtime docker',
  },
  { name: 'litellm', kind: 'gateway', addedUs: 9000, sigma: 0.5, memoryBytes: 410 * MIB, cpuUs: 6100, capacity: 160 },
  { name: 'portkey', kind: 'gateway', addedUs: 1400, sigma: 0.4, memoryBytes: 140 * MIB, cpuUs: 900, capacity: 700 },
];

const SCENARIOS: Manifest['scenarios'] = [
  { name: 'chat-minimal', streaming: false, expectedErrorShare: 0, levels: rps(100, 500, 1000) },
  { name: 'chat-stream', streaming: true, expectedErrorShare: 0, levels: rps(100, 500) },
  {
    name: 'concurrent-streams',
    streaming: true,
    expectedErrorShare: 0,
    levels: [{ kind: 'streams', value: 100 }],
  },
];

function rps(...values: number[]): Level[] {
  return values.map((value) => ({ kind: 'rps', value }));
}

/** By what a run differs from others of its plan in a quantity of a cell; 1 is not at all. */
export type Mood = (of: 'latency' | 'cpu' | 'memory', target: string, scenario: string, level: Level) => number;

/** A run that might have been: four targets of different speed, one absent, two that stop keeping up. The same for the same arguments. */
export function syntheticRun({
  blocks = 4,
  seed = 7,
  ledger = false,
  mood = () => 1,
  most = Number.POSITIVE_INFINITY,
}: {
  blocks?: number;
  seed?: number;
  ledger?: boolean;
  mood?: Mood;
  /** Levels above are left out of the plan: fewer requests to draw. */
  most?: number;
} = {}): {
  manifest: Manifest;
  trials: TrialRecord[];
} {
  const random = lehmer(seed);
  const trials: TrialRecord[] = [];
  const scenarios = SCENARIOS.map((scenario) => ({
    ...scenario,
    levels: scenario.levels.filter(({ kind, value }) => value * (kind === 'rps' ? 1 : 4) <= most),
  })).filter(({ levels }) => levels.length > 0);
  for (let block = 1; block <= blocks; block += 1) {
    const slow = Math.exp(0.03 * normal(random));
    for (const shape of TARGETS.filter(({ absent }) => absent === undefined)) {
      for (const { name: scenario, streaming, levels } of scenarios) {
        for (const level of levels) {
          for (const replica of shape.kind === 'direct' ? ([1, 2] as const) : ([1] as const)) {
            const moodOf = (of: Parameters<Mood>[0]): number => mood(of, shape.name, scenario, level);
            const factor = (): number => slow * moodOf('latency') * Math.exp(0.02 * normal(random));
            const load = loadOf(shape, level, streaming, factor(), random);
            const joined = ledger ? ledgerOf(shape, level, streaming, factor(), random) : null;
            const felt = { ...shape, cpuUs: shape.cpuUs * moodOf('cpu') };
            const trial = trialOf(felt, { block, replica, scenario, level }, load);
            const { resources } = trial;
            const used =
              resources === null
                ? null
                : { ...resources, memoryPeakBytes: Math.round((resources.memoryPeakBytes ?? 0) * moodOf('memory')) };
            trials.push({ ...trial, resources: used, ledger: joined });
          }
        }
      }
    }
  }
  return { manifest: manifestOf(blocks, scenarios), trials };
}

const WINDOW_S = 5;

function loadOf(
  shape: TargetShape,
  level: Level,
  streaming: boolean,
  factor: number,
  random: () => number,
): LoadRecord {
  const asked = level.kind === 'rps' ? level.value : level.value * 4;
  const rate = Math.min(asked, shape.capacity);
  const scheduled = level.kind === 'rps' ? asked * WINDOW_S : rate * WINDOW_S;
  const medianUs = ((streaming ? 900 : 240) + shape.addedUs * (streaming ? 2 : 1)) * factor;
  const like = { sigma: shape.sigma, perSecond: Math.round(rate), seconds: WINDOW_S };
  return {
    driver: { name: 'native', version: '0.1.0' },
    windowMs: WINDOW_S * 1000,
    scheduled,
    ok: rate * WINDOW_S,
    errors: scheduled > rate * WINDOW_S ? { open: scheduled - rate * WINDOW_S } : {},
    dropped: 0,
    statuses: { 200: rate * WINDOW_S },
    errorExamples: {},
    achievedRps: rate,
    connections: 64,
    latencyUs: lognormalDistribution(random, { ...like, medianUs }),
    ttftUs: streaming ? lognormalDistribution(random, { ...like, medianUs: medianUs / 3 }) : null,
    gapUs: streaming ? lognormalDistribution(random, { ...like, medianUs: 30 }) : null,
    latenessUs: lognormalDistribution(random, { ...like, medianUs: 40 }),
    driverCpuUs: 300_000,
    bytes: scheduled * 270,
  };
}

/** What the mock's ledger would add: a third of the overhead on the way there, two thirds on the way back. */
function ledgerOf(
  shape: TargetShape,
  level: Level,
  streaming: boolean,
  factor: number,
  random: () => number,
): LedgerRecord {
  const perSecond = Math.round(Math.min(level.kind === 'rps' ? level.value : level.value * 4, shape.capacity));
  const of = (medianUs: number): Distribution =>
    lognormalDistribution(random, { medianUs: medianUs * factor, sigma: shape.sigma, perSecond, seconds: WINDOW_S });
  const overheadUs = 90 + shape.addedUs * (streaming ? 2 : 1);
  return {
    joined: perSecond * WINDOW_S,
    sharedClock: true,
    overwritten: 0,
    missing: 0,
    repeated: { requests: 0, attempts: 0 },
    strange: 0,
    aborts: { givenUp: 0, passedOn: 0, passedOnUs: null, wastedFrames: 0 },
    buffered: { streams: 0, examples: [] },
    upstreamConnections: 64,
    overheadUs: of(overheadUs),
    requestPathUs: of(overheadUs / 3),
    responsePathUs: of((2 * overheadUs) / 3),
    addedFirstFrameUs: streaming ? of(overheadUs) : null,
    addedGapUs: streaming ? of(2) : null,
  };
}

function trialOf(
  shape: TargetShape,
  at: Pick<TrialRecord, 'block' | 'replica' | 'scenario' | 'level'>,
  load: LoadRecord,
): TrialRecord {
  const saturated = at.level.kind === 'rps' && load.achievedRps < 0.99 * at.level.value;
  const startedAt = new Date(Date.UTC(2026, 0, 15, 12, at.block)).toISOString();
  return {
    schemaVersion: 1,
    target: shape.name,
    ...at,
    startedAt,
    finishedAt: startedAt,
    state: saturated ? 'saturated' : 'valid',
    reason: saturated ? { code: 'saturated', message: `stood at ${load.achievedRps} of ${at.level.value} rps` } : null,
    warnings: [],
    ...NOTHING_MEASURED,
    load,
    resources: {
      memoryPeakBytes: shape.memoryBytes + at.block * MIB,
      memoryStartBytes: shape.memoryBytes / 2,
      memoryEndBytes: shape.memoryBytes,
      cpuUs: (shape.cpuUs * load.ok * 7) / WINDOW_S,
      cpuWindowMs: 7000,
      throttledMs: shape.name === 'litellm' ? 12.5 : 0,
      series: [],
    },
  };
}

function manifestOf(blocks: number, scenarios: Manifest['scenarios']): Manifest {
  return {
    schemaVersion: 1,
    id: '2026-01-15T12-00-00Z',
    startedAt: '2026-01-15T12:00:00.000Z',
    finishedAt: '2026-01-15T12:20:00.000Z',
    complete: true,
    seed: 42,
    runtime: 'process',
    driver: 'native',
    options: { group: 'overhead' },
    blocks,
    measureMs: WINDOW_S * 1000,
    warmupMs: 2000,
    scenarios,
    targets: TARGETS.map(({ name, kind, absent }) => ({
      name,
      kind,
      url: `http://127.0.0.1/${name}`,
      version: null,
      digest: null,
      limits: { cpus: 1, memoryBytes: 512 * MIB, enforced: false },
      absent: absent === undefined ? null : { code: 'not-installed', message: absent },
    })),
    planDigest: 'synthetic',
    versions: { node: '20.20.2', 'crabllm-bench': '0.1.0' },
    host: { cpus: 2, cpuModel: 'Example CPU' },
  };
}
