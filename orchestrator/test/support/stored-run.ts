import type { Manifest } from '#src/record/manifest.js';
import { NOTHING_MEASURED, type TrialRecord } from '#src/record/trial.js';

/** The manifest of a run of one cell, unfinished. */
export const MANIFEST: Manifest = {
  schemaVersion: 1,
  id: 'r1',
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: null,
  complete: false,
  seed: 1,
  runtime: 'process',
  driver: 'native',
  options: { rps: '100', seed: '1' },
  blocks: 2,
  measureMs: 1000,
  warmupMs: 0,
  scenarios: [],
  targets: [],
  planDigest: 'x',
  versions: { 'crabllm-bench': '0.1.0' },
  host: {},
};

/** A trial that was not measured. */
export const TRIAL: TrialRecord = {
  schemaVersion: 1,
  block: 1,
  target: 'direct',
  replica: 1,
  scenario: 'chat-minimal',
  level: { kind: 'rps', value: 100 },
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: '2026-01-01T00:00:01.000Z',
  state: 'absent',
  reason: { code: 'x', message: 'y' },
  warnings: [],
  ...NOTHING_MEASURED,
};
