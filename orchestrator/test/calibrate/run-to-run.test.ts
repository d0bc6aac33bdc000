import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { learnRunToRun } from '#src/calibrate/run-to-run.js';
import { DEFAULT_RUN_TO_RUN } from '#src/record/run-to-run.js';
import { bareRun, type Medians } from '../analyse/bare-run.js';

const MADE = '2026-01-02T03:04:05.000Z';

/** Six scenarios in which blocks hardly differ: direct takes 100 µs, and a gateway so much more. */
function run(addedUs: number) {
  const medians: Medians = { direct: [100, 100, 100], gateway: [100 + addedUs, 100 + addedUs, 100 + addedUs] };
  return bareRun(Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((scenario) => [scenario, medians])));
}

describe('what runs add to blocks', () => {
  it('is the root of half the mean squared change of the logarithm, by hand', () => {
    // ln(1500/1000) = 0.4055, over √2 is 0.2867.
    const learnt = learnRunToRun(run(1000), run(1500), MADE) ?? assert.fail();
    assert.deepEqual([learnt.source, learnt.madeAt, learnt.overhead], ['calibrate', MADE, 0.287]);
    assert.equal(learnt.cpu, DEFAULT_RUN_TO_RUN.cpu, 'of what nobody measured the stated default counts');
  });

  it('is never less than the stated default: two runs are one draw', () => {
    assert.equal(learnRunToRun(run(1000), run(1000), MADE)?.overhead, DEFAULT_RUN_TO_RUN.overhead);
  });

  it('is not learnt from a few cells', () => {
    const few = bareRun({ a: { direct: [100, 100], gateway: [900, 900] } });
    assert.equal(learnRunToRun(few, few, MADE), null);
  });
});
