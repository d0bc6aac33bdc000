import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ConductLimit, holdLimits } from '#src/analyse/conduct/limits.js';

const measured = (value: number) => ({ value, low: value / 2, high: value * 2, count: 10 });

const CASES = [
  {
    target: 'gw',
    case: 'outage-503',
    rows: {
      amplification: measured(2),
      failoverUs: { state: 'beyond-phase', reason: 'never', value: 6e6 },
      probesPerSecond: { state: 'cannot-tell', reason: 'unseen' },
      doubleWork: { state: 'nothing-seen', reason: 'none' },
    },
  },
  { target: 'gw', case: 'everything-down', rows: { amplification: measured(3) } },
  { target: 'direct', case: 'everything-down', rows: { amplification: measured(99) } },
] as const;

function outcomes(row: string, bound: number, more: Partial<ConductLimit> = {}): string[] {
  const limit = { text: row, case: null, row, least: false, bound, ...more };
  return holdLimits([limit], CASES).map(({ case: name, outcome }) => `${name} ${outcome}`);
}

test('a limit is held against every case of every gateway that has the row, or of one', () => {
  assert.deepEqual(outcomes('amplification', 2), ['outage-503 held', 'everything-down broken']);
  assert.deepEqual(outcomes('amplification', 2.5, { least: true }), ['outage-503 broken', 'everything-down held']);
  assert.deepEqual(outcomes('amplification', 2, { case: 'outage-503' }), ['outage-503 held']);
});

test('what lasted longer than was seen breaks a limit below that, and tells nothing of one above', () => {
  assert.deepEqual(outcomes('failoverUs', 1e6), ['outage-503 broken']);
  assert.deepEqual(outcomes('failoverUs', 9e6), ['outage-503 cannot-tell']);
  assert.deepEqual(outcomes('failoverUs', 1e6, { least: true }), ['outage-503 held']);
  assert.deepEqual(outcomes('failoverUs', 9e6, { least: true }), ['outage-503 cannot-tell']);
});

test('what cannot be told is not held, and what did not happen breaks nothing', () => {
  assert.deepEqual(outcomes('probesPerSecond', 1), ['outage-503 cannot-tell']);
  assert.deepEqual(outcomes('doubleWork', 0), ['outage-503 held']);
});
