import assert from 'node:assert/strict';
import { test } from 'node:test';
import { observerOf } from '#src/resources/observer.js';

const SPAN = { fromMs: 0, windowFromMs: 1000, windowUntilMs: 3000 };
const reading = (atMs: number, cpuUs: number | null) => ({ atMs, cpuUs, samplingUs: atMs / 10 });

test('what watching took is of the readings within the window', () => {
  const readings = [0, 500, 1100, 2000, 2900, 4000].map((atMs) => reading(atMs, 5 * atMs));
  assert.deepEqual(observerOf(readings, SPAN), { cpuUs: 9000, samplingUs: 180, ofMs: 1800 });
});

test('too few readings, or a system that does not count, is no figure', () => {
  assert.equal(observerOf([reading(0, 1), reading(1100, 2), reading(1200, 3)], SPAN), null);
  assert.equal(observerOf([reading(1100, null), reading(2900, null)], SPAN), null);
  assert.equal(observerOf([reading(1100, 1), reading(2900, 2)], null), null);
});
