import { analyse } from '#src/analyse/analyse.js';
import type { Level } from '#src/record/cell.js';
import type { Manifest } from '#src/record/manifest.js';
import type { Summary } from '#src/record/summary.js';
import { type Distribution, NOTHING_MEASURED, type TrialRecord } from '#src/record/trial.js';

/** The median latency of each target in each block, microseconds; null where the block has none. `direct` is there twice. */
export type Medians = Readonly<Record<string, readonly (number | null)[]>>;

const STARTED = '2026-01-01T00:00:00.000Z';
const LEVEL: Level = { kind: 'rps', value: 100 };

/** A distribution of which only the median is known, as of a driver that keeps percentiles only. */
export function bareDistribution(p50: number, count = 1000): Distribution {
  return { count, quantiles: { p50, p90: null, p99: null, p999: null, max: null }, seconds: null };
}

/** A run of which only medians are known, by scenario. */
export function bareRun(scenarios: Readonly<Record<string, Medians>>): { manifest: Manifest; trials: TrialRecord[] } {
  const names = [...new Set(Object.values(scenarios).flatMap((medians) => Object.keys(medians)))];
  const trials = Object.entries(scenarios).flatMap(([scenario, medians]) =>
    Object.entries(medians).flatMap(([target, values]) =>
      values.flatMap((value, i) => {
        if (value === null) return [];
        const replicas = target === 'direct' ? ([1, 2] as const) : ([1] as const);
        return replicas.map((replica) => trialOf({ target, scenario, block: i + 1, replica }, value));
      }),
    ),
  );
  const blocks = Math.max(
    ...Object.values(scenarios).flatMap((medians) => Object.values(medians).map((v) => v.length)),
  );
  return { manifest: manifestOf(names, Object.keys(scenarios), blocks), trials };
}

/** What analyse says of it. */
export function summaryOf(scenarios: Readonly<Record<string, Medians>>): Summary {
  const { manifest, trials } = bareRun(scenarios);
  return analyse(manifest, trials);
}

function trialOf(id: { target: string; scenario: string; block: number; replica: 1 | 2 }, p50: number): TrialRecord {
  return {
    ...NOTHING_MEASURED,
    ...id,
    schemaVersion: 1,
    level: LEVEL,
    startedAt: STARTED,
    finishedAt: STARTED,
    state: 'valid',
    reason: null,
    warnings: [],
    load: {
      driver: { name: 'native', version: '0' },
      windowMs: 10_000,
      scheduled: 1000,
      ok: 1000,
      errors: {},
      dropped: 0,
      statuses: { '200': 1000 },
      errorExamples: {},
      achievedRps: 100,
      connections: 10,
      latencyUs: bareDistribution(p50),
      ttftUs: null,
      gapUs: null,
      latenessUs: null,
      driverCpuUs: null,
      bytes: null,
    },
  };
}

function manifestOf(targets: readonly string[], scenarios: readonly string[], blocks: number): Manifest {
  return {
    schemaVersion: 1,
    id: 'bare',
    startedAt: STARTED,
    finishedAt: STARTED,
    complete: true,
    seed: 1,
    runtime: 'process',
    driver: 'native',
    options: {},
    blocks,
    measureMs: 10_000,
    warmupMs: 0,
    scenarios: scenarios.map((name) => ({ name, streaming: false, expectedErrorShare: 0, levels: [LEVEL] })),
    targets: targets.map((name) => ({
      name,
      kind: name === 'direct' ? 'direct' : 'gateway',
      url: 'http://127.0.0.1',
      version: null,
      digest: null,
      limits: { cpus: null, memoryBytes: null, enforced: false },
      absent: null,
    })),
    planDigest: '',
    versions: {},
    host: {},
  };
}
