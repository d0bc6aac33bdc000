import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRecovered } from '#src/calibrate/delays.js';
import { SAME } from '#src/calibrate/relays.js';
import { wilson } from '#src/calibrate/spikes.js';
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

test('the interval of a share is Wilson’s', () => {
  // Newcombe 1998, table I: 81 of 263, and 0 of 20.
  const rounded = ({ low, high }: { low: number; high: number }) => [low, high].map((x) => x.toFixed(4));
  assert.deepEqual(rounded(wilson(81, 263)), ['0.2553', '0.3662']);
  assert.deepEqual(rounded(wilson(0, 20)), ['0.0000', '0.1611']);
});
