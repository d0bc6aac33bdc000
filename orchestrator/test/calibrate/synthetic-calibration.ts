import type { CalibrationRun } from '#src/calibrate/judge.js';
import type { Relay } from '#src/calibrate/relays.js';
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
  /** How much longer than it says it held every request. */
  readonly lateUs?: number;
  readonly trial?: Partial<TrialRecord>;
  readonly sins?: Partial<Planted['sins']>;
}

/** A calibration's run as it might have been: every relay tells a delay and shows one, in a few blocks that differ a little. */
export function calibrationRun(shapes: readonly Shape[], seed: number, blocks = 4): CalibrationRun {
  const random = lehmer(seed);
  const trials: TrialRecord[] = [];
  const planted: CalibrationRun['planted'] = [];
  for (let block = 1; block <= blocks; block += 1) {
    for (const [turn, shape] of shapes.entries()) {
      const startMs = Date.UTC(2026, 0, 1, 0, block, turn);
      const load = loadOf(shape.addsUs, random);
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

/** What every relay holds every request by. */
const HELD_US = 550;

/** As many as the driver says it sent, and ten of the warm-up before them that were held for ever. */
function plantedBy({ saysUs, lateUs = 0, sins }: Shape, startMs: number, requests: number): Planted {
  const rows = Array.from({ length: 10 + requests }, (_, i) => i);
  return {
    receivedAtMs: rows.map((i) => startMs + (i * 800) / rows.length),
    meantUs: rows.map((i) => (i < 10 ? 1e6 : saysUs)),
    heldUs: rows.map((i) => (i < 10 ? 1e6 : HELD_US + saysUs + lateUs)),
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
