import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latenessGates } from '#src/record/lateness.js';
import type { Distribution } from '#src/record/trial.js';
import { loadRecord } from '../support/fake-runtime.js';

function spread(p50: number, p90: number, p99: number): Distribution {
  return { count: 1000, quantiles: { p50, p90, p99, p999: null, max: p99 }, seconds: null };
}

const effects = (latencyUs: Distribution, serviceUs: Distribution) =>
  latenessGates(loadRecord(100, { latencyUs, serviceUs })).map(({ effect }) => effect);

test('a driver that is a few microseconds late, as it always is, is in order', () => {
  assert.deepEqual(effects(spread(130, 290, 960), spread(120, 255, 800)), []);
});

test('lateness that is most of the median or the 90th percentile voids, whatever the target', () => {
  assert.deepEqual(effects(spread(900, 1000, 2000), spread(300, 400, 500)), ['void']);
  assert.deepEqual(effects(spread(180, 1800, 2000), spread(167, 474, 1900)), ['void']);
});

test('the same lateness in front of a slow target is nothing', () => {
  assert.deepEqual(effects(spread(500_600, 501_300, 503_000), spread(500_000, 500_700, 502_000)), []);
});

test('lateness in the tail is warned of', () => {
  assert.deepEqual(effects(spread(160, 300, 2600), spread(150, 280, 1000)), ['warning']);
  assert.deepEqual(effects(spread(160, 300, 9000), spread(150, 280, 8500)), []);
});

test('a driver that says no service times is judged by its lateness alone', () => {
  const late = (p99: number) => latenessGates(loadRecord(1000, { latenessUs: spread(10, 20, p99) }));
  assert.deepEqual(late(9000), []);
  assert.deepEqual(
    late(25_000).map(({ reason }) => reason.code),
    ['driver-late'],
  );
});
