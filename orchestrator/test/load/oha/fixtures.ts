import { readdirSync, readFileSync } from 'node:fs';
import type { TrialLoad } from '#src/load/driver.js';
import type { OhaRows } from '#src/load/oha/rows.js';

const folder = new URL('../../../test/fixtures/oha/', import.meta.url);

/** A captured output file of oha; see capture.mjs beside it for what was asked and answered. */
export function fixture(name: string): Buffer {
  return readFileSync(new URL(name, folder));
}

/** The names of all captured JSON files. */
export const jsonFixtures: readonly string[] = readdirSync(folder).filter((name) => name.endsWith('.json'));

/** The load that the fixtures were captured with. */
export function trialLoad(change: Partial<TrialLoad> = {}): TrialLoad {
  return {
    url: 'http://127.0.0.1:6666/v1/chat/completions',
    headers: {},
    body: '{"model":"bench-chat"}',
    streaming: false,
    level: { kind: 'rps', value: 50 },
    warmupMs: 1000,
    measureMs: 2000,
    timeoutMs: 1000,
    expectedLatencyMs: 1,
    seed: 1,
    ...change,
  };
}

/** One answer, times in milliseconds since the start of the schedule. */
export interface Answer {
  readonly dueMs: number | null;
  readonly startMs: number;
  readonly endMs: number;
  readonly status?: number;
  readonly bytes?: number;
}

export function rowsOf(answers: readonly Answer[]): OhaRows {
  return {
    intendedUs: Float64Array.from(answers, ({ dueMs }) => (dueMs === null ? Number.NaN : dueMs * 1000)),
    startUs: Float64Array.from(answers, ({ startMs }) => startMs * 1000),
    endUs: Float64Array.from(answers, ({ endMs }) => endMs * 1000),
    status: Uint16Array.from(answers, ({ status }) => status ?? 200),
    bytes: Float64Array.from(answers, ({ bytes }) => bytes ?? 0),
  };
}
