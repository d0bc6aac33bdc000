// Runs that might have been, for the simulations: records of trials that hold one quantile each, and the manifest over them.
import { NOTHING_MEASURED } from '../../orchestrator/build/record/trial.js';

/** Standard normal, by Box and Muller. */
export const normal = (random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Student's t with three degrees of freedom. */
export const studentT3 = (random) =>
  normal(random) / Math.sqrt((normal(random) ** 2 + normal(random) ** 2 + normal(random) ** 2) / 3);

const STARTED = '2026-01-01T00:00:00.000Z';

/** A trial of which only the median latency is known, as of a driver that keeps percentiles only. */
export function bareTrial({ target, block, replica, scenario, level }, p50Us) {
  const nothing = { count: 0, quantiles: { p50: null, p90: null, p99: null, p999: null, max: null }, seconds: null };
  const latencyUs = { count: 1000, quantiles: { ...nothing.quantiles, p50: p50Us }, seconds: null };
  return {
    ...NOTHING_MEASURED,
    schemaVersion: 1,
    block,
    target,
    replica,
    scenario,
    level,
    startedAt: STARTED,
    finishedAt: STARTED,
    state: 'valid',
    reason: null,
    warnings: [],
    load: {
      driver: { name: 'native', version: '0' },
      windowMs: 2000,
      scheduled: 1000,
      ok: 1000,
      errors: {},
      dropped: 0,
      statuses: { 200: 1000 },
      errorExamples: {},
      achievedRps: level.value,
      connections: 10,
      latencyUs,
      ttftUs: null,
      gapUs: null,
      latenessUs: null,
      driverCpuUs: null,
      bytes: null,
    },
  };
}

/**
 * The manifest of a run of these gateways behind `direct`.
 * @returns {any} as far as it is looked at
 */
export function manifestFor(gateways, levels, blocks) {
  const limits = { cpus: null, memoryBytes: null, enforced: false };
  const target = (name, kind) => ({
    name,
    kind,
    url: 'http://127.0.0.1',
    version: null,
    digest: null,
    limits,
    absent: null,
  });
  const scenarios = [...new Set(levels.map(({ scenario }) => scenario))];
  return {
    schemaVersion: 1,
    id: 'simulated',
    startedAt: STARTED,
    finishedAt: STARTED,
    complete: true,
    seed: 1,
    runtime: 'process',
    driver: 'native',
    options: {},
    blocks,
    measureMs: 2000,
    warmupMs: 0,
    scenarios: scenarios.map((name) => ({
      name,
      streaming: false,
      expectedErrorShare: 0,
      levels: levels.filter(({ scenario }) => scenario === name).map(({ level }) => level),
    })),
    targets: [target('direct', 'direct'), ...gateways.map((name) => target(name, 'gateway'))],
    planDigest: '',
    versions: {},
    host: {},
  };
}
