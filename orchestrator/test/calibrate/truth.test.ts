import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rankOf, valueAtRank } from '#src/analyse/quantile.js';
import { isRecovered } from '#src/calibrate/delays.js';
import { SAME } from '#src/calibrate/relays.js';
import { plantedInWindow, quantileShift } from '#src/calibrate/truth.js';
import { Histogram } from '#src/record/histogram.js';
import { calibrationRun } from './synthetic-calibration.js';

const [relay = assert.fail()] = SAME;
const { run, planted } = calibrationRun([{ relay, saysUs: 70, addsUs: 70 }], 1, 2);
const [trial = assert.fail()] = run.trials;

test('of what a relay planted in a trial only the measured window counts, warm-up does not', () => {
  const { meantUs, heldUs } = plantedInWindow(trial, planted) ?? assert.fail();
  assert.equal(meantUs.length, 1000);
  assert.ok(meantUs.every((us) => us === 70));
  assert.ok(heldUs.every((us) => us === 620));
});

test('a relay that saw fewer requests than were sent says nothing about the trial', () => {
  const load = trial.load ?? assert.fail();
  assert.equal(plantedInWindow({ ...trial, load: { ...load, scheduled: 1011 } }, planted), null);
  // With one that never reached it, the last thousand would begin with one of the warm-up.
  assert.equal(
    plantedInWindow({ ...trial, load: { ...load, scheduled: 1001, errors: { connect: 1 } } }, planted),
    null,
  );
  assert.equal(plantedInWindow({ ...trial, load: null }, planted), null);
  assert.equal(plantedInWindow({ ...trial, target: 'another' }, planted), null);
});

test('a delay that is always the same moves every quantile by itself', () => {
  for (const p of [0.5, 0.9, 0.99]) assert.equal(quantileShift(histogramOf([100, 120, 150, 240]), [70, 70], p), 70);
});

test('delays that differ move quantiles by less than their own where the values spread as well', () => {
  // Values 100 and 200 with delays 0 and 100: 100, 200, 200, 300. Of each alone p75 is the larger one.
  assert.equal(quantileShift(histogramOf([100, 200]), [0, 100], 0.75), 0);
  assert.equal(quantileShift(histogramOf([100, 200]), [0, 100], 0.5), 100);
  // Values that are all alike: the delays' own quantile.
  assert.equal(quantileShift(histogramOf([100, 100]), [0, 5, 10, 20], 0.75), 10);
});

test('the shift is that of all sums sorted, whatever values and delays are', () => {
  const list = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(list, list, fc.constantFrom(0.01, 0.5, 0.9, 0.99), (values, delays, p) => {
      const histogram = histogramOf(values);
      const each = values.map((_, i) => valueAtRank(histogram, i + 1));
      const sums = each.flatMap((value) => delays.map((delay) => value + delay)).sort((x, y) => x - y);
      const expected = (sums[rankOf(sums.length, p) - 1] as number) - (each[rankOf(each.length, p) - 1] as number);
      assert.ok(Math.abs(quantileShift(histogram, delays, p) - expected) < 1e-5);
    }),
  );
});

test('rare delays leave the median nearly where it is, and the tail takes them', () => {
  const values = histogramOf(Array.from({ length: 100 }, (_, i) => 100 + i));
  const delays = Array.from({ length: 100 }, (_, i) => (i < 2 ? 50_000 : 0));
  assert.equal(quantileShift(values, delays, 0.5), 2);
  assert.ok(quantileShift(values, delays, 0.99) > 49_900);
});

function histogramOf(values: readonly number[]): number[] {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram.toSparse();
}

test('recovered is off by 30 µs or by 5 % at most', () => {
  assert.ok(isRecovered(30, 0) && !isRecovered(30.1, 0));
  assert.ok(isRecovered(170, 200) && !isRecovered(169, 200));
  assert.ok(isRecovered(5250, 5000) && !isRecovered(4749, 5000));
});
