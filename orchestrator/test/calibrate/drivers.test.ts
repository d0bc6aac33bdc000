import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DriverPass, judgeDrivers, measureDrivers } from '#src/calibrate/drivers.js';
import type { Driver, TrialLoad } from '#src/load/driver.js';
import { FakeDriver, loadRecord } from '../support/fake-runtime.js';

/** A pass in which oha adds a floor of its own, and as much more as `fault` to the target alone. */
function pass(noiseUs: number, fault = 0, rate = 500): DriverPass {
  const figure = (medianUs: number, achievedRps = 500) => ({ medianUs, achievedRps });
  return {
    floor: { oha: figure(700), native: figure(100) },
    target: { oha: figure(5700 + noiseUs + fault, rate), native: figure(5100 - noiseUs) },
  };
}

test('a constant of oha’s own is no disagreement', () => {
  const verdict = judgeDrivers([pass(5), pass(-5), pass(2)]);
  assert.deepEqual([verdict.medians, verdict.rates], ['same', 'same']);
  assert.deepEqual([verdict.floorUs, verdict.passes], [{ oha: 700, native: 100 }, 3]);
  assert.ok(Math.abs(verdict.medianDifferenceUs.value) < 10);
});

test('a target that one of them sees slower, or at another rate, is one', () => {
  const slower = judgeDrivers([pass(5, 600), pass(-5, 600), pass(2, 600)]);
  assert.deepEqual([slower.medians, slower.rates], ['different', 'same']);
  const fewer = judgeDrivers([pass(0, 0, 450), pass(1, 0, 451), pass(2, 0, 449)]);
  assert.deepEqual([fewer.medians, fewer.rates], ['same', 'different']);
});

test('passes that scatter show neither that the drivers are the same nor that they differ', () => {
  // The interval holds 0, and a difference of a millisecond as well.
  const verdict = judgeDrivers([pass(200), pass(-200), pass(50)]);
  assert.ok(verdict.medianDifferenceUs.low < 0 && verdict.medianDifferenceUs.high > 0);
  assert.equal(verdict.medians, 'cannot-tell');
});

test('a difference that is sure and too small to matter is none', () => {
  const verdict = judgeDrivers([pass(20), pass(21), pass(19)]);
  assert.ok(verdict.medianDifferenceUs.low > 0);
  assert.equal(verdict.medians, 'same');
});

test('one pass has no interval', () => {
  assert.throws(() => judgeDrivers([pass(0)]), RangeError);
});

test('both measure both in turn, and the order is turned round', async () => {
  const order: string[] = [];
  const driver = (name: string): Driver =>
    new FakeDriver((load) => {
      order.push(`${name} ${load.url}`);
      return loadRecord(500);
    });
  const load = (url: string): TrialLoad => ({ ...({} as TrialLoad), url, level: { kind: 'rps', value: 500 } });
  const passes = await measureDrivers(
    { oha: driver('oha'), native: driver('native') },
    { floor: load('floor'), target: load('target') },
    2,
    () => {},
    new AbortController().signal,
  );
  assert.deepEqual(order.slice(0, 4), ['oha floor', 'native floor', 'oha target', 'native target']);
  assert.deepEqual(order.slice(4), order.slice(0, 4).toReversed());
  assert.deepEqual(passes[0]?.target.native, { medianUs: 300, achievedRps: 500 });
});
