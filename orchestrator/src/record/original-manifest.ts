import type { Level } from './cell.js';
import type { Manifest } from './manifest.js';
import { ORIGINAL_SCENARIOS } from './original-name.js';
import type { TrialRecord } from './trial.js';

/** What its manifest has in the place of a runtime. */
export const ORIGINAL_RUNTIME = 'original suite';

/** Contestants in the suite's own order; others come behind by name. */
const KNOWN_TARGETS: readonly string[] = ['direct', 'crabllm', 'bifrost', 'litellm', 'portkey'];

/** Scenarios in the order of the suite's groups. */
const SCENARIO_ORDER: readonly string[] = [
  'chat-minimal',
  'chat-stream',
  'embeddings',
  'chat-large-context',
  'chat-long-stream',
  'chat-tools',
  'concurrent-streams',
];

/** The manifest that the original suite did not write, as far as its results tell it: every target at every level that any has. */
export function originalManifest(id: string, trials: readonly TrialRecord[]): Manifest {
  const times = trials.map(({ startedAt }) => startedAt).sort();
  const windowsMs = trials.flatMap(({ load }) => load?.windowMs ?? []);
  return {
    schemaVersion: 1,
    id,
    startedAt: times[0] ?? '',
    finishedAt: times.at(-1) ?? null,
    complete: true,
    seed: 0,
    runtime: ORIGINAL_RUNTIME,
    driver: 'oha',
    options: {},
    blocks: 1,
    measureMs: Math.round(Math.max(1, ...windowsMs)),
    warmupMs: 0,
    scenarios: ordered(
      trials.map(({ scenario }) => scenario),
      SCENARIO_ORDER,
    ).map((name) => ({
      name,
      streaming: ORIGINAL_SCENARIOS.get(name)?.streaming ?? false,
      expectedErrorShare: 0,
      levels: levelsOf(trials.filter(({ scenario }) => scenario === name)),
    })),
    targets: ordered(
      trials.map(({ target }) => target),
      KNOWN_TARGETS,
    ).map((name) => ({
      name,
      kind: name === 'direct' ? 'direct' : 'gateway',
      url: '',
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

/** Each name once, the known ones first. */
function ordered(names: readonly string[], known: readonly string[]): string[] {
  const distinct = [...new Set(names)].sort();
  return [...known.filter((name) => distinct.includes(name)), ...distinct.filter((name) => !known.includes(name))];
}

function levelsOf(trials: readonly TrialRecord[]): Level[] {
  return [...new Map(trials.map(({ level }) => [level.value, level])).values()].sort((a, b) => a.value - b.value);
}
