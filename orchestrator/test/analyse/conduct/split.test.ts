import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accusations } from '#src/analyse/conduct/accusations.js';
import type { CaseResult } from '#src/analyse/conduct/case-rows.js';
import { shareRow } from '#src/analyse/conduct/row.js';
import { withSplit } from '#src/analyse/conduct/split.js';
import { PHASES } from './synthetic.js';

function measured(hits: number, count: number): CaseResult {
  const row = shareRow(hits, count, 'requests');
  const requests = { known: count, unknown: 0, strangeAttempts: 0 };
  const rows = { splitBefore: row, splitAfter: row };
  return { case: 'outage-503', streaming: false, phases: PHASES, requests, rows };
}

function offOf(hits: number, count: number, configured: number | undefined) {
  const row = withSplit(measured(hits, count), configured).rows.splitOffBefore;
  assert.ok(row !== undefined);
  return row;
}

test('a share that is off its weight is off by the difference, above or below', () => {
  for (const hits of [700, 300]) {
    const off = offOf(hits, 1000, 0.5);
    assert.ok(!('state' in off));
    assert.deepEqual([off.value.toFixed(3), off.low > 0.16, off.high < 0.24], ['0.200', true, true]);
    assert.deepEqual(
      accusations(withSplit(measured(hits, 1000), 0.5)).map(({ row }) => row),
      ['splitOffBefore'],
    );
  }
});

test('a share whose interval holds the configured one may be off by nothing, and accuses nobody', () => {
  const off = offOf(56, 100, 0.5);
  assert.ok(!('state' in off));
  assert.deepEqual([off.low, off.high > off.value], [0, true]);
  assert.deepEqual(accusations(withSplit(measured(56, 100), 0.5)), []);
  assert.deepEqual(offOf(100, 100, 1), { value: 0, low: 0, high: 1 - shareLow(100), count: 100 });
});

test('without a configured share, or without requests, it is not told', () => {
  const unknown = offOf(50, 100, undefined);
  assert.ok('state' in unknown);
  assert.deepEqual([unknown.state, /primary-share/.test(unknown.reason)], ['cannot-tell', true]);
  const none = offOf(0, 0, 0.5);
  assert.ok('state' in none && none.state === 'nothing-seen');
});

function shareLow(count: number): number {
  const row = shareRow(count, count, 'requests');
  assert.ok(!('state' in row));
  return row.low;
}
