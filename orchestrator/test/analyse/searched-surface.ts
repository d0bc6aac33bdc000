import assert from 'node:assert/strict';
import { analyseCapacity } from '#src/analyse/capacity.js';
import { parseObjectives } from '#src/record/objective-text.js';
import type { Capacity } from '#src/record/capacity.js';
import type { Manifest, TargetRecord } from '#src/record/manifest.js';
import type { SurfacePlace } from '#src/record/surface.js';
import type { TrialRecord } from '#src/record/trial.js';
import { syntheticRun } from './synthetic-run.js';

/** A search over limits, and the run that it was. */
export interface SearchedSurface {
  readonly run: Manifest;
  readonly windows: readonly TrialRecord[];
  readonly capacity: Capacity;
}

const SLO = 'p99<20ms, errors<0.1%';
const { manifest, trials } = syntheticRun({ blocks: 1 });
const base = trials.find(({ target, scenario }) => target === 'crabllm' && scenario === 'chat-minimal') as TrialRecord;
const crabllm = manifest.targets.find(({ name }) => name === 'crabllm') as TargetRecord;
export const MIB = 2 ** 20;

/** A window at a rate. @param cores CPU that was used: `cores` seconds of it a second */
export function window(target: string, rate: number, cores: number, p99Us = 5000): TrialRecord {
  const load = base.load ?? assert.fail('the synthetic run has loads');
  const resources = base.resources ?? assert.fail('and resources');
  return {
    ...base,
    target,
    level: { kind: 'rps', value: rate },
    warnings: [],
    load: {
      ...load,
      scheduled: 1000,
      windowMs: 1e6 / rate,
      ok: 1000,
      statuses: { 200: 1000 },
      achievedRps: rate,
      latenessUs: { ...load.latencyUs, quantiles: { ...load.latencyUs.quantiles, p99: 0 } },
      latencyUs: { ...load.latencyUs, quantiles: { ...load.latencyUs.quantiles, p99: p99Us } },
    },
    resources: { ...resources, cpuUs: cores * 1e6, cpuWindowMs: 1000 },
    host: { cpus: 8, busyShare: 0.3, stealShare: 0, swappedBytes: 0, clockJumpMs: 0 },
  };
}

/** Seven windows at each end. */
export function bracket(target: string, low: number, high: number, cores: number): TrialRecord[] {
  const seven = (make: () => TrialRecord): TrialRecord[] => Array.from({ length: 7 }, make);
  return [...seven(() => window(target, low, cores)), ...seven(() => window(target, high, cores, 50_000))];
}

/** The target that crabllm is at these limits. */
export function point(cpus: number, memoryBytes: number, workers: number | null = null): TargetRecord {
  const place: SurfacePlace = { of: 'crabllm', cpus, memoryBytes, workers };
  return {
    ...crabllm,
    name: `crabllm:${cpus}cpu-${workers ?? 0}`,
    place,
    limits: { cpus, memoryBytes, enforced: true },
  };
}

export function surface(
  targets: readonly TargetRecord[],
  windows: readonly TrialRecord[],
  price?: string,
): SearchedSurface {
  const run = {
    ...manifest,
    options: { 'find-capacity': true, slo: SLO, ...(price === undefined ? {} : { price }) },
    targets: [...targets],
    scenarios: manifest.scenarios.slice(0, 1),
  };
  return { run, windows, capacity: analyseCapacity(run, windows, [], parseObjectives(SLO)) };
}

/** Of crabllm at one CPU, which carries 400 to 484 a second, and at two, which carry 600 to 726. */
export function searchedSurface(): SearchedSurface {
  const [one, two] = [point(1, 512 * MIB), point(2, 512 * MIB)];
  const windows = [...bracket(one.name, 400, 484, 0.8), ...bracket(two.name, 600, 726, 1.5)];
  return surface([one, two], windows, 'cpu-hour=0.04,gib-hour=0.02');
}
