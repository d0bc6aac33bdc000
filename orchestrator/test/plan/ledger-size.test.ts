import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Scenario } from '#src/catalogue/scenario.js';
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

test('a scenario whose answers are held has a warm-up at least as long', () => {
  const slow = SCENARIOS.find(({ name }) => name === 'slow-upstream-stream') as Scenario;
  const levels = [{ kind: 'rps', value: 100 }] as const;
  assert.equal(slow.heldMs, 4000);
  assert.equal(mostRequests({ scenarios: [{ scenario: slow, levels }], warmupMs: 1000, measureMs: 5000 }, 2000), 900);
  assert.equal(mostRequests({ scenarios: [{ scenario: slow, levels }], warmupMs: 6000, measureMs: 5000 }, 2000), 1100);
});

test('the mock sees the requests of both sides of a pair', () => {
  const level = { kind: 'rps', value: 100 } as const;
  assert.equal(mostRequests({ ...planned(level), pair: { a: 'a', b: 'b' } }, 0), 2 * mostRequests(planned(level), 0));
});
