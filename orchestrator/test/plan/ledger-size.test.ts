import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCENARIOS } from '#src/catalogue/scenarios.js';
import { ledgerRecords, MOST_RECORDS, mostRequests } from '#src/plan/ledger-size.js';
import type { Level } from '#src/record/cell.js';

const planned = (...levels: readonly Level[]) => ({
  scenarios: SCENARIOS.slice(0, 1).map((scenario) => ({ scenario, levels })),
  warmupMs: 1000,
  measureMs: 30_000,
});

test('the largest trial is that of the highest rate, behind the longest warm-up', () => {
  assert.equal(mostRequests(planned({ kind: 'rps', value: 100 }, { kind: 'rps', value: 5000 }), 2000), 160_000);
  assert.equal(mostRequests(planned({ kind: 'rps', value: 100 }), 0), 3100);
  assert.equal(mostRequests(planned(), 2000), 0);
});

test('the rate of a closed loop is not known beforehand, only what it cannot exceed', () => {
  assert.equal(mostRequests(planned({ kind: 'streams', value: 100 }), 2000), 16_000 * 32);
});

test('one worker has room for a whole trial and some retries, up to a bound', () => {
  assert.equal(ledgerRecords(0), 65_536);
  assert.equal(ledgerRecords(160_000), 200_000);
  assert.equal(ledgerRecords(10_000_000), MOST_RECORDS);
});
