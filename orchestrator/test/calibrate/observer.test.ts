import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeObserver } from '#src/calibrate/observer.js';
import { UNWATCHED, WATCHED } from '#src/calibrate/relays.js';
import { calibrationRun } from './synthetic-calibration.js';

/** One target under two names, of which watching makes the first slower by so much, in so many blocks. */
function judge(slowerUs: number, blocks: number) {
  const shapes = [
    { relay: WATCHED, saysUs: 0, addsUs: slowerUs },
    { relay: UNWATCHED, saysUs: 0, addsUs: 0 },
  ];
  return judgeObserver(calibrationRun(shapes, 7, blocks).run);
}

describe('what watching does', () => {
  it('is harmless where every interval lies within the margin', () => {
    const { outcome, pairs, p50 } = judge(0, 40);
    assert.deepEqual([outcome, pairs], ['passed', 40]);
    assert.ok(p50 !== null && p50.low < 1 && p50.high > 1);
  });

  it('is felt where an interval lies beyond it', () => {
    assert.equal(judge(150, 40).outcome, 'missed');
  });

  it('is not known from a few pairs, and not at all from one block', () => {
    assert.equal(judge(0, 10).outcome, 'too-few');
    assert.equal(judge(0, 1).p50, null);
  });
});
