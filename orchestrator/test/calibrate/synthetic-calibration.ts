import assert from 'node:assert/strict';
import type { CalibrationRun } from '#src/calibrate/judge.js';
import { type Relay, SAME } from '#src/calibrate/relays.js';
import { Histogram, type SparseHistogram } from '#src/record/histogram.js';
import type { Manifest } from '#src/record/manifest.js';
import { type LoadRecord, NOTHING_MEASURED, type TrialRecord } from '#src/record/trial.js';
import type { Planted } from '#src/relay/planted.js';
import { lehmer, lognormalDistribution, normal } from '../analyse/synthetic-run.js';
import { MANIFEST, TRIAL } from '../support/stored-run.js';

const LEVEL = { kind: 'rps', value: 500 } as const;
const SCENARIO = 'chat-minimal';
const BASE_US = 300;

/** What a test makes of one relay: what it says it added, and what the load driver saw of it. */
export interface Shape {
  readonly relay: Relay;
  readonly saysUs: number;
  readonly addsUs: number;
  /** In place of both where each block has its own. */
  readonly eachBlockUs?: readonly number[];
  /** How much longer than it says it held every request; one in `lateEvery`, where that is given. */
  readonly lateUs?: number;
  readonly lateEvery?: number;
  /** It plants spikes as well, one in so many requests, and shows so many of them in each trial. */
  readonly spikes?: { readonly us: number; readonly every: number; readonly shown: number };
  readonly trial?: Partial<TrialRecord>;
  readonly sins?: Partial<Planted['sins']>;
}

/** A calibration's run as it might have been: every relay tells a delay and shows one, in a few blocks that differ a little. */
export function calibrationRun(shapes: readonly Shape[], seed: number, blocks = 4): CalibrationRun {
  const random = lehmer(seed);
  const trials: TrialRecord[] = [];
  const planted: CalibrationRun['planted'] = [];
  for (let block = 1; block <= blocks; block += 1) {
    for (const [turn, each] of shapes.entries()) {
      const ownUs = each.eachBlockUs?.[block - 1];
      const shape = ownUs === undefined ? each : { ...each, saysUs: ownUs, addsUs: ownUs };
      const startMs = Date.UTC(2026, 0, 1, 0, block, turn);
      const load = withSpikes(loadOf(shape.addsUs, random), shape.spikes);
      trials.push({
        ...TRIAL,
        ...NOTHING_MEASURED,
        block,
        target: shape.relay.name,
        scenario: SCENARIO,
        level: LEVEL,
        startedAt: new Date(startMs).toISOString(),
        finishedAt: new Date(startMs + 900).toISOString(),
        state: 'valid',
        reason: null,
        load,
        ...shape.trial,
      });
      planted.push({ relay: shape.relay.name, planted: plantedBy(shape, startMs, load.scheduled) });
    }
  }
  return { run: { manifest: manifestOf(shapes, blocks), trials }, planted };
}

/** The same with `direct`'s two turns before every relay of a block, which add nothing. */
export function runBesideDirect(shapes: readonly Shape[], seed: number, blocks: number): CalibrationRun {
  const turns = SAME.slice(0, 2);
  const { run, planted } = calibrationRun(
    [...turns.map((relay) => ({ relay, saysUs: 0, addsUs: 0 })), ...shapes],
    seed,
    blocks,
  );
  const [first = assert.fail(), , ...others] = run.manifest.targets;
  return {
    run: {
      manifest: { ...run.manifest, targets: [{ ...first, name: 'direct', kind: 'direct' }, ...others] },
      trials: run.trials.map((trial) => {
        const turn = turns.findIndex(({ name }) => name === trial.target);
        return turn === -1 ? trial : { ...trial, target: 'direct', replica: turn === 0 ? 1 : 2 };
      }),
    },
    planted,
  };
}

function loadOf(addsUs: number, random: () => number): LoadRecord {
  // What is added shifts every request alike and makes none of them more unsteady.
  const medianUs = BASE_US * Math.exp(0.03 * normal(random)) + addsUs;
  const sigma = (0.02 * BASE_US) / medianUs;
  return {
    driver: { name: 'native', version: '0.1.0' },
    windowMs: 2000,
    scheduled: 1000,
    ok: 1000,
    errors: {},
    dropped: 0,
    statuses: { 200: 1000 },
    errorExamples: {},
    achievedRps: 500,
    connections: 10,
    latencyUs: lognormalDistribution(random, { medianUs, sigma, perSecond: 500, seconds: 2 }),
    ttftUs: null,
    gapUs: null,
    latenessUs: null,
    driverCpuUs: null,
    bytes: null,
  };
}

/** Spikes take the place of usual requests. */
function withSpikes(load: LoadRecord, spikes: Shape['spikes']): LoadRecord {
  if (spikes === undefined) return load;
  const { seconds } = load.latencyUs;
  const [first = assert.fail(), ...others] = seconds ?? assert.fail();
  const merged = new Map<number, number>();
  const add = (histogram: SparseHistogram, sign: number): void => {
    for (let i = 0; i + 1 < histogram.length; i += 2) {
      const bucket = histogram[i] as number;
      merged.set(bucket, (merged.get(bucket) ?? 0) + sign * (histogram[i + 1] as number));
    }
  };
  const usual = [...first];
  for (let left = spikes.shown, i = 1; left > 0 && i < usual.length; i += 2) {
    const taken = Math.min(left, usual[i] as number);
    usual[i] = (usual[i] as number) - taken;
    left -= taken;
  }
  add(usual, 1);
  const long = new Histogram();
  for (let i = 0; i < spikes.shown; i += 1) long.record(spikes.us + BASE_US);
  add(long.toSparse(), 1);
  const histogram = [...merged].filter(([, count]) => count > 0).sort(([a], [b]) => a - b);
  return { ...load, latencyUs: { ...load.latencyUs, seconds: [histogram.flat(), ...others] } };
}

/** What every relay holds every request by. */
const HELD_US = 550;

/** As many as the driver says it sent, and ten of the warm-up before them that were held for ever. */
function plantedBy(
  { saysUs, lateUs = 0, lateEvery = 1, spikes, sins }: Shape,
  startMs: number,
  requests: number,
): Planted {
  const rows = Array.from({ length: 10 + requests }, (_, i) => i);
  const meantUs = (i: number): number => saysUs + (spikes !== undefined && i % spikes.every === 0 ? spikes.us : 0);
  return {
    receivedAtMs: rows.map((i) => startMs + (i * 800) / rows.length),
    meantUs: rows.map((i) => (i < 10 ? 1e6 : meantUs(i))),
    heldUs: rows.map((i) => (i < 10 ? 1e6 : HELD_US + meantUs(i) + (i % lateEvery === 0 ? lateUs : 0))),
    sins: { buffered: 0, framesDropped: 0, wrong: 0, rejected: 0, queued: 0, ...sins },
  };
}

function manifestOf(shapes: readonly Shape[], blocks: number): Manifest {
  return {
    ...MANIFEST,
    blocks,
    complete: true,
    scenarios: [{ name: SCENARIO, streaming: false, expectedErrorShare: 0, levels: [LEVEL] }],
    targets: shapes.map(({ relay }) => ({
      name: relay.name,
      kind: 'gateway',
      url: 'http://127.0.0.1:9900',
      version: null,
      digest: null,
      limits: { cpus: null, memoryBytes: null, enforced: false },
      absent: null,
    })),
    host: { cpuModel: 'Example CPU', cpus: 2, platform: 'linux', kernel: '6.1' },
    versions: { node: '20.20.2', 'crabllm-bench': '0.1.0' },
  };
}
