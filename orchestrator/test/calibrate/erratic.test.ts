import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeErratic, missesOfErratic } from '#src/calibrate/erratic.js';
import type { CalibrationRun } from '#src/calibrate/judge.js';
import { ERRATIC, STEADY } from '#src/calibrate/relays.js';
import { describeErratic } from '#src/certificate/markdown.js';
import { runBesideDirect, type Shape } from './synthetic-calibration.js';

/** 1.5 to 60 ms, another in each start. */
const STARTS = [1700, 42_000, 3100, 58_000, 1500, 16_000];
/** What every relay takes without a delay. */
const BASE_US = 800;
const [FASTER, SLOWER] = STEADY;

const erraticBy = (eachBlockUs: readonly number[], shownUs = eachBlockUs): Shape[] => [
  // What it says and what is seen of it may differ: a test of the suite, and not of the relay.
  { relay: ERRATIC, saysUs: 0, addsUs: 0, eachBlockUs: shownUs.map((us) => us + BASE_US) },
];
const steady = (faster: number | readonly number[], slower: number): Shape[] => [
  {
    relay: FASTER,
    saysUs: 100,
    addsUs: typeof faster === 'number' ? faster + BASE_US : 0,
    ...(typeof faster === 'number' ? {} : { eachBlockUs: faster.map((us) => us + BASE_US) }),
  },
  { relay: SLOWER, saysUs: 1500, addsUs: slower + BASE_US },
];

const withDirect = (shapes: readonly Shape[]): CalibrationRun => runBesideDirect(shapes, 5, STARTS.length);
const judge = (shapes: readonly Shape[]) => {
  const { run, planted } = withDirect(shapes);
  return judgeErratic(run, planted);
};

describe('an erratic target beside two steady ones', () => {
  it('is told above direct and called erratic, and the steady ones are told apart and not', () => {
    const result = judge([...erraticBy(STARTS), ...steady(100, 1500)]);
    assert.equal(result.outcome, 'passed');
    const [cell = assert.fail()] = result.cells;
    assert.deepEqual([cell.planted, cell.above, cell.apart, cell.named, cell.accused], [true, true, true, true, []]);
    assert.deepEqual(cell.plantedUs, { low: 2300, high: 58_800 });
    assert.deepEqual(missesOfErratic(result), []);
    assert.equal(
      describeErratic(result),
      'the erratic one above direct in 1 of 1 cells; called erratic in 1 of 1 in which its starts were far apart; ' +
        'the steady ones told apart in 1 of 1, called erratic 0 times',
    );
  });

  it('is missed where what it planted was not seen, and it is not called so', () => {
    const shapes = [...erraticBy(STARTS), ...steady(100, 1500)];
    const seen = withDirect([...erraticBy(STARTS.map(() => 9000)), ...steady(100, 1500)]);
    const result = judgeErratic(seen.run, withDirect(shapes).planted);
    assert.equal(result.outcome, 'missed');
    assert.deepEqual(missesOfErratic(result), [
      'not called erratic: relay-erratic, chat-minimal at 500 rps, its starts 2300 to 58800 µs',
    ]);
  });

  it('is missed where the steady ones are no different, and where the order is the other way round', () => {
    for (const slower of [100, 0]) {
      const result = judge([...erraticBy(STARTS), ...steady(slower === 0 ? 1500 : 100, slower)]);
      assert.equal(result.outcome, 'missed');
      assert.deepEqual(missesOfErratic(result), [
        'not told apart beside an erratic one: relay-steady-100us and relay-steady-1500us, chat-minimal at 500 rps',
      ]);
    }
  });

  it('is missed where a steady one is accused', () => {
    const result = judge([...erraticBy(STARTS), ...steady([0, 8000, 0, 0, 9000, 0], 1500)]);
    assert.equal(result.outcome, 'missed');
    assert.ok(
      missesOfErratic(result).includes(
        'called erratic though it is steady: relay-steady-100us, chat-minimal at 500 rps',
      ),
    );
  });

  it('is missed where it is not above direct', () => {
    const result = judge([{ relay: ERRATIC, saysUs: 0, addsUs: 0 }, ...steady(100, 1500)]);
    assert.equal(result.outcome, 'missed');
    assert.match(missesOfErratic(result)[0] ?? '', /^not told to be above direct: relay-erratic/);
  });

  it('says of which target nothing usable was measured, and claims nothing else there', () => {
    const { run, planted } = withDirect([...erraticBy(STARTS), ...steady(100, 1500)]);
    const state = { state: 'void', reason: { code: 'driver-late', message: 'the driver sent late' } } as const;
    const trials = run.trials.map((trial) => (trial.target === 'direct' ? { ...trial, ...state } : trial));
    const result = judgeErratic({ ...run, trials }, planted);
    assert.equal(result.outcome, 'missed');
    assert.deepEqual(missesOfErratic(result), ['nothing usable was measured of direct, chat-minimal at 500 rps']);
  });

  it('says nothing where luck planted starts that are alike', () => {
    const result = judge([...erraticBy(STARTS.map(() => 9000)), ...steady(100, 1500)]);
    assert.equal(result.outcome, 'too-few');
  });
});
