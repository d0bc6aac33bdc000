import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRecovered } from '#src/calibrate/delays.js';
import { SAME } from '#src/calibrate/relays.js';
import { wilson } from '#src/calibrate/spikes.js';
import { heldInWindow, heldQuantile } from '#src/calibrate/truth.js';
import { calibrationRun } from './synthetic-calibration.js';

const [relay = assert.fail()] = SAME;
const { run, planted } = calibrationRun([{ relay, saysUs: 70, addsUs: 70 }], 1, 2);
const [trial = assert.fail()] = run.trials;

test('of what a relay held in a trial only the measured window counts, warm-up does not', () => {
  const held = heldInWindow(trial, planted);
  assert.equal(held?.length, 1000);
  assert.ok(held?.every((us) => us === 70));
});

test('a relay that saw fewer requests than were sent says nothing about the trial', () => {
  const load = trial.load ?? assert.fail();
  assert.equal(heldInWindow({ ...trial, load: { ...load, scheduled: 1011 } }, planted), null);
  assert.equal(heldInWindow({ ...trial, load: null }, planted), null);
  assert.equal(heldInWindow({ ...trial, target: 'another' }, planted), null);
});

test('the quantile of what was held is the value of its rank', () => {
  assert.equal(heldQuantile([1, 2, 3, 4], 0.5), 2);
  assert.equal(heldQuantile([1, 2, 3, 4], 0.99), 4);
});

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
