import { conductOf, type Played } from '#src/analyse/conduct/over-run.js';
import type { ConductRow, MeasuredRow } from '#src/analyse/conduct/row.js';
import type { ConductRun } from '#src/record/conduct.js';
import { PHASES } from './synthetic.js';

/** A quantity that many requests agree about. */
export function exactly(value: number): MeasuredRow {
  return { value, low: value, high: value, count: 200 };
}

/** One case of one block, as if its raw records were there. */
export function madePlayed(target: string, block: number, name: string, rows: Record<string, ConductRow>): Played {
  const file = { name: `${target}-${name}.b${block}`, sha256: '0' };
  return {
    target,
    block,
    files: { requests: file, ledger: file },
    warnings: [],
    case: name,
    streaming: false,
    phases: [...PHASES],
    requests: { known: 200, unknown: 0, strangeAttempts: 0 },
    rows,
  };
}

/** A run of what was played. */
export function madeRun(id: string, played: readonly Played[], more: Partial<ConductRun> = {}): ConductRun {
  const blocks = new Set(played.map(({ block }) => block)).size;
  const names = [...new Set(played.map(({ target }) => target))];
  const targets =
    more.targets ?? names.map((name) => ({ name, version: name === 'direct' ? null : '1', absent: null }));
  return {
    schemaVersion: 2,
    id,
    startedAt: '2026-01-02T03:04:05.000Z',
    finishedAt: '2026-01-02T03:14:05.000Z',
    complete: true,
    version: '0.1.0',
    runtime: 'process',
    seed: 1,
    host: {},
    pace: { beforeMs: 2000, faultMs: 4000, afterMs: 4000, rps: 20 },
    blocks: { planned: blocks, done: blocks },
    targets,
    played: [...played],
    conduct: conductOf(played, targets),
    ...more,
  };
}
