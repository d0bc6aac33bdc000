import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mispairedTrials, otherSideOf, withoutLoneHalf } from '#src/record/pairs.js';
import type { PairedWith, TrialRecord } from '#src/record/trial.js';
import { loadRecord } from '../support/fake-runtime.js';
import { TRIAL } from '../support/stored-run.js';

const PAIR = { paired: { a: 'x', b: 'y' } };

function trial(target: string, paired: Partial<PairedWith> = {}, change: Partial<TrialRecord> = {}): TrialRecord {
  const [beside, turn] = target === 'x' ? (['y', 1] as const) : (['x', 2] as const);
  return { ...TRIAL, target, load: loadRecord(100), paired: { id: 'p', with: beside, turn, ...paired }, ...change };
}

test('two records that agree are a pair, and each finds the other', () => {
  const [x, y] = [trial('x'), trial('y')];
  assert.deepEqual(mispairedTrials(PAIR, [x, y]), []);
  assert.equal(otherSideOf(x, [x, y]), y);
  assert.equal(otherSideOf({ ...TRIAL, target: 'x' }, [x, y]), null);
});

test('every way in which they may contradict each other is told', () => {
  const { paired: _, ...alone } = trial('x');
  const table: [RegExp, Parameters<typeof mispairedTrials>[0], TrialRecord[]][] = [
    [/the run has no pair/, {}, [trial('x'), trial('y')]],
    [/measured alone/, PAIR, [alone]],
    [/beside 0 trials/, PAIR, [trial('x')]],
    [/beside 2 trials/, PAIR, [trial('x'), trial('y'), trial('y')]],
    [/beside z, and the run is of x and y/, PAIR, [trial('x'), trial('z')]],
    [/beside z as it says, and beside y/, PAIR, [trial('x', { with: 'z' }), trial('y')]],
    [/block 2/, PAIR, [trial('x'), trial('y', {}, { block: 2 })]],
    [/200 rps/, PAIR, [trial('x'), trial('y', {}, { level: { kind: 'rps', value: 200 } })]],
    [/has turn 1, and so has y/, PAIR, [trial('x'), trial('y', { turn: 1 })]],
  ];
  for (const [expected, manifest, trials] of table)
    assert.match(mispairedTrials(manifest, trials).join('; '), expected);
});

test('a last record without its other side is left out, measured or not, and no other', () => {
  const { paired: _, ...unmeasured } = trial('y', {}, { block: 2, load: null, state: 'failed' });
  const [x, y] = [trial('x'), trial('y')];
  for (const half of [
    trial('y', { id: 'q' }, { block: 2 }),
    unmeasured,
    trial('y', {}, { level: { kind: 'rps', value: 7 } }),
  ]) {
    assert.deepEqual(withoutLoneHalf(PAIR, [x, y, half]), [x, y]);
    assert.deepEqual(withoutLoneHalf(PAIR, [half, x, y]), [half, x, y], 'that is no run that ended: verify tells it');
    assert.deepEqual(withoutLoneHalf({}, [x, y, half]), [x, y, half], 'a run of visits has no halves');
    assert.deepEqual(withoutLoneHalf(PAIR, [half]), []);
  }
  assert.deepEqual(withoutLoneHalf(PAIR, []), []);
});
