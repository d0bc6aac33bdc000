import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { courseOf } from '#src/analyse/steadiness.js';
import { Histogram } from '#src/record/histogram.js';
import type { TrialRecord } from '#src/record/trial.js';
import { syntheticRun } from './synthetic-run.js';

const { manifest, trials } = syntheticRun();

function isCell({ target, scenario, level }: TrialRecord): boolean {
  return target === 'crabllm' && scenario === 'chat-minimal' && level.value === 500;
}

/** A trial whose seconds have these medians. */
function withMedians(trial: TrialRecord, medians: readonly number[]): TrialRecord {
  const seconds = medians.map((median) => {
    const histogram = new Histogram();
    for (let i = 0; i < 100; i += 1) histogram.record(median * (0.9 + i / 500));
    return [...histogram.toSparse()];
  });
  const load = trial.load ?? assert.fail();
  return { ...trial, load: { ...load, latencyUs: { ...load.latencyUs, seconds } } };
}

const some = trials.find(isCell) ?? assert.fail();

/** Codes told of the cell when its trials have these medians. */
function told(medians: readonly (readonly number[])[]): string[] {
  let i = 0;
  const changed = trials.map((trial) =>
    isCell(trial) ? withMedians(trial, medians[i++ % medians.length] ?? []) : trial,
  );
  return analyse(manifest, changed)
    .findings.filter(({ target, code }) => target === 'crabllm' && ['not-steady', 'unequal-seconds'].includes(code))
    .map(({ code }) => code);
}

describe('the course of a trial', () => {
  it('is told from its seconds', () => {
    const course = courseOf(withMedians(some, [100, 110, 150, 200])) ?? assert.fail();
    assert.ok(course.trend);
    assert.ok(course.drift > 1.6 && course.drift < 1.7);
    assert.ok(course.spread > 1.9 && course.spread < 2.1);
  });

  it('is no trend for one bad second, nor for a small one', () => {
    assert.equal(courseOf(withMedians(some, [100, 100, 100, 100, 900]))?.trend, false);
    assert.equal(courseOf(withMedians(some, [100, 101, 110, 112]))?.trend, false);
  });

  it('is not told from three seconds, or without histograms', () => {
    assert.equal(courseOf(withMedians(some, [100, 200, 300])), null);
    assert.equal(courseOf({ ...some, load: null }), null);
  });

  it('makes a finding when most trials of a cell share it, with the trials as evidence', () => {
    assert.deepEqual(told([[100, 100, 100, 100, 100]]), []);
    assert.deepEqual(told([[100, 120, 150, 200, 250]]), ['not-steady']);
    assert.deepEqual(told([[250, 200, 150, 120, 100]]), ['not-steady']);
    assert.deepEqual(told([[100, 300, 100, 300, 100]]), ['unequal-seconds']);
    assert.deepEqual(
      told([
        [100, 300, 100, 300, 100],
        [100, 100, 100, 100, 100],
      ]),
      [],
    );
  });
});
