import assert from 'node:assert/strict';
import { parseObjectives } from '#src/record/objective-text.js';
import type { StoredRun } from '#src/record/run-directory.js';
import type { TrialRecord } from '#src/record/trial.js';
import { syntheticRun } from './synthetic-run.js';

/** What the searches of tests are within. */
export const OBJECTIVES = parseObjectives('p99<20ms, errors<0.1%');
const { manifest, trials } = syntheticRun({ blocks: 1 });
/** A trial of crabllm to make windows of. */
export const baseWindow = trials.find(
  ({ target, scenario }) => target === 'crabllm' && scenario === 'chat-minimal',
) as TrialRecord;
/** A run that searches crabllm alone, without a control. */
export const oneSearched = {
  ...manifest,
  targets: manifest.targets.filter(({ name }) => name === 'crabllm'),
  scenarios: manifest.scenarios.slice(0, 1),
};

/** How a window went; all conditions hold where nothing is said. */
export interface WindowShape {
  readonly p99Us?: number;
  readonly lost?: number;
  readonly answered?: number;
  readonly cores?: number;
  readonly busy?: number;
  readonly warning?: string;
  readonly lateUs?: number;
}

/** A window of crabllm at a rate. */
export function searchWindow(
  rate: number,
  { p99Us = 5000, lost = 0, answered = 1, cores = 0.5, busy = 0.5, warning, lateUs = 0 }: WindowShape = {},
): TrialRecord {
  const load = baseWindow.load ?? assert.fail('the synthetic run has loads');
  const resources = baseWindow.resources ?? assert.fail('and resources');
  return {
    ...baseWindow,
    level: { kind: 'rps', value: rate },
    warnings: warning === undefined ? [] : [{ code: warning, message: `${warning}!` }],
    load: {
      ...load,
      scheduled: 1000,
      windowMs: 1e6 / rate,
      ok: 1000 - lost,
      achievedRps: rate * answered,
      latenessUs: { ...load.latencyUs, quantiles: { ...load.latencyUs.quantiles, p99: lateUs } },
      latencyUs: { ...load.latencyUs, quantiles: { ...load.latencyUs.quantiles, p99: p99Us } },
    },
    resources: { ...resources, cpuUs: cores * 1e6, cpuWindowMs: 1000 },
    host: { cpus: 2, busyShare: busy, stealShare: 0, swappedBytes: 0, clockJumpMs: 0 },
  };
}

const times = (count: number, target: string, rate: number, shape?: WindowShape): TrialRecord[] =>
  Array.from({ length: count }, () => ({ ...searchWindow(rate, shape), target }));

/**
 * A search of all gateways of the synthetic run: crabllm is found between 400 and 430 rps, portkey holds at the highest rate, litellm at none,
 * and bifrost is absent. Two windows of crabllm were spoilt.
 */
export function searchedRun(): StoredRun {
  const slow = { p99Us: 31_000 };
  const spoilt = times(2, 'crabllm', 430, { lost: 3 }).map(
    (trial): TrialRecord => ({ ...trial, state: 'void', reason: { code: 'steal', message: 'the host took CPU away' } }),
  );
  const windows = [
    ...[50, 100, 200].flatMap((rate) => times(1, 'crabllm', rate)),
    ...times(7, 'crabllm', 400),
    ...spoilt,
    ...times(7, 'crabllm', 430, slow),
    ...times(2, 'crabllm', 800, { p99Us: 240_000, answered: 0.8 }),
    ...times(7, 'litellm', 50, { p99Us: 90_000, cores: 1 }),
    ...[100, 400, 1600].flatMap((rate) => times(1, 'portkey', rate)),
    ...times(7, 'portkey', 2000),
    ...times(3, 'direct', 430),
  ];
  const { targets } = manifest;
  return {
    manifest: {
      ...manifest,
      targets,
      scenarios: oneSearched.scenarios,
      options: { 'find-capacity': true, slo: 'p99<20ms, errors<0.1%' },
    },
    trials: windows.map((trial, i) => ({ ...trial, block: i + 1 })),
  };
}
