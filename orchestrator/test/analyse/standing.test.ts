import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { standingOf } from '#src/analyse/standing.js';
import type { TrialRecord } from '#src/record/trial.js';
import { syntheticRun } from './synthetic-run.js';

const LEVEL = { kind: 'rps', value: 500 } as const;
const NONE = { code: 'not-reached', message: 'not reached' };

const [EXAMPLE] = syntheticRun({ blocks: 1 }).trials as [TrialRecord];

function trials(...states: TrialRecord['state'][]): TrialRecord[] {
  return states.map((state, i) => ({
    ...EXAMPLE,
    block: i + 1,
    state,
    reason: state === 'valid' ? null : { code: `${state}-code`, message: `it was ${state}` },
    load:
      state === 'valid' || state === 'saturated'
        ? { ...(EXAMPLE.load as NonNullable<TrialRecord['load']>), achievedRps: 53.44 }
        : null,
  }));
}

describe('standingOf', () => {
  it('is ok when the trials are valid', () => {
    const { state, reason, mixture } = standingOf(trials('valid', 'valid'), LEVEL, NONE);
    assert.deepEqual([state, reason, mixture], ['ok', null, null]);
  });

  it('follows most of the trials and says what the others were', () => {
    const standing = standingOf(trials('valid', 'failed', 'failed'), LEVEL, NONE);
    assert.equal(standing.state, 'failed');
    assert.deepEqual(standing.reason, { code: 'failed-code', message: 'it was failed (trials: 1 valid, 2 failed)' });
    assert.equal(standing.trials.length, 2);
    assert.equal(standingOf(trials('valid', 'valid', 'void'), LEVEL, NONE).mixture, '2 valid, 1 void');
  });

  it('decides a tie against the target, but that it kept up as often as not', () => {
    const tied = standingOf(trials('valid', 'saturated'), LEVEL, NONE);
    assert.deepEqual([tied.state, tied.mixture, tied.trials.length], ['ok', '1 valid, 1 saturated', 1]);
    assert.equal(standingOf(trials('valid', 'saturated', 'failed'), LEVEL, NONE).state, 'failed');
    assert.equal(standingOf(trials('saturated', 'failed'), LEVEL, NONE).state, 'failed');
    assert.equal(standingOf(trials('valid', 'void'), LEVEL, NONE).state, 'invalid');
  });

  it('says at what rate a saturated target stood', () => {
    assert.equal(standingOf(trials('saturated'), LEVEL, NONE).reason?.message, 'saturated at 53.4/500 rps');
  });

  it('keeps the reason of a cell that was skipped', () => {
    assert.deepEqual(standingOf(trials('skipped', 'skipped'), LEVEL, NONE).reason, {
      code: 'skipped-code',
      message: 'it was skipped',
    });
  });

  it('lets trials that did not take place count only when there is no other', () => {
    assert.equal(standingOf(trials('valid', 'absent', 'absent'), LEVEL, NONE).state, 'ok');
    assert.deepEqual(standingOf(trials('absent'), LEVEL, NONE).reason?.code, 'absent-code');
    assert.deepEqual(standingOf([], LEVEL, NONE).reason, NONE);
  });
});
