import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rejudge } from '#src/verify/rejudge.js';
import { Hopeless } from '#src/execute/hopeless.js';
import { type LoadRecord, NOTHING_MEASURED, type Standstill, type TrialRecord } from '#src/record/trial.js';
import { syntheticRun } from '../analyse/synthetic-run.js';

const { trials } = syntheticRun({ blocks: 2 });
const STOLEN = { cpus: 2, stealShare: 0.5, busyShare: null, swappedBytes: null, clockJumpMs: null };

function one(state: 'valid' | 'saturated'): TrialRecord {
  const trial = trials.find((each) => each.state === state && each.level.kind === 'rps');
  if (trial === undefined) throw new Error(`the synthetic run has no ${state} trial`);
  return trial;
}

/** Says that a trial is of another state, for a reason. */
function called(trial: TrialRecord, state: TrialRecord['state'], code: string | null): TrialRecord {
  return { ...trial, state, reason: code === null ? null : { code, message: 'because' } };
}

/** A trial in which as many requests were reset as were answered. */
function failing(trial: TrialRecord): TrialRecord {
  return { ...trial, load: trial.load && { ...trial.load, errors: { reset: trial.load.ok } } };
}

function unmeasured(trial: TrialRecord): TrialRecord {
  return { ...trial, ...NOTHING_MEASURED };
}

function verdict(trial: TrialRecord, before: readonly TrialRecord[] = []): string {
  const hopeless = new Hopeless();
  for (const each of before) hopeless.note(each);
  const rejudged = rejudge(trial, 0, hopeless);
  return rejudged.state === 'fault' ? rejudged.message : rejudged.state;
}

describe('a trial that is judged anew', () => {
  test('keeps the state that follows from its record', () => {
    for (const trial of trials) assert.equal(verdict(trial), 'follows');
    assert.equal(verdict(called(failing(one('valid')), 'failed', 'errors')), 'follows');
    assert.equal(verdict(called({ ...one('valid'), host: STOLEN }, 'void', 'steal')), 'follows');
  });

  for (const [state, code, why] of [
    ['void', 'steal', /recorded as void for steal, which its record does not bear out: its load says valid/],
    ['void', 'driver-late', /recorded as void for driver-late, which its record does not bear out/],
    ['void', 'mock-late', /recorded as void for mock-late, which its record does not bear out/],
    ['void', 'driver-failed', /recorded as void for driver-failed, which its record does not bear out/],
    ['failed', 'errors', /recorded as failed, and its load says valid/],
    ['saturated', 'saturated', /recorded as saturated, and its load says valid/],
    ['skipped', 'implied', /recorded as skipped, and it has a load/],
    ['absent', 'no-file', /recorded as absent, and it has a load/],
  ] as const) {
    test(`is not ${state} for ${code} when it was valid`, () => {
      assert.match(verdict(called(one('valid'), state, code)), why);
    });
  }

  test('is not valid when it was saturated, failed or void', () => {
    assert.match(verdict(called(one('saturated'), 'valid', null)), /recorded as valid, and its load says saturated/);
    assert.match(verdict(failing(one('valid'))), /recorded as valid, and its load says failed/);
    assert.match(verdict({ ...one('valid'), host: STOLEN }), /recorded as valid, and its record says void, steal/);
  });

  test('that failed by its load is not excused by what was no cause of it', () => {
    const failed = failing({ ...one('valid'), host: STOLEN });
    assert.equal(verdict(called(failed, 'failed', 'errors')), 'follows');
    assert.match(verdict(called(failed, 'void', 'steal')), /does not bear out: its load says failed/);
    assert.match(verdict(called(failed, 'failed', 'no-answers')), /failed for no-answers, and its load says errors/);
  });

  test('is open when its state rests on what is not in the record', () => {
    const valid = one('valid');
    assert.equal(verdict(called(valid, 'failed', 'exited')), 'open');
    assert.equal(verdict(called(valid, 'failed', 'out-of-memory')), 'open');
    assert.equal(verdict(called(valid, 'failed', 'wrong-answers')), 'open');
    assert.equal(verdict(called(valid, 'void', 'mock-lost')), 'open');
    assert.equal(verdict(called(valid, 'void', 'left-over')), 'open');
    assert.equal(verdict(called(one('saturated'), 'void', 'mock-late')), 'open');
    assert.equal(verdict(called(unmeasured(valid), 'failed', 'attestation-failed')), 'open');
    assert.equal(verdict(called(unmeasured(valid), 'void', 'driver-failed')), 'open');
  });

  test('is open when the other side of its pair is said to have ended, and void for that in no other trial', () => {
    const paired = { id: 'p', with: 'other', turn: 1 } as const;
    const ended = called({ ...one('valid'), paired }, 'void', 'other-side-ended');
    assert.equal(verdict(ended), 'open');
    assert.match(verdict(failing(ended)), /does not bear out: its load says failed/);
    assert.match(verdict(called(one('valid'), 'void', 'other-side-ended')), /does not bear out: its load says valid/);
  });

  test('is void for what its driver stood still or lacked only where its record says so', () => {
    const withLoad = (change: Partial<LoadRecord>): TrialRecord => {
      const valid = one('valid');
      return { ...valid, load: valid.load && { ...valid.load, ...change } };
    };
    const still = (lengthUs: number): Standstill => ({
      stalls: lengthUs === 0 ? [] : [{ fromUs: 0, lengthUs }],
      totalUs: lengthUs,
      witnesses: ['heartbeat'],
      runQueueWaitUs: null,
    });
    const stopped = withLoad({ standstill: still(5e6) });
    assert.equal(verdict(called(stopped, 'void', 'driver-stopped')), 'follows');
    assert.match(verdict(stopped), /recorded as valid, and its record says void, driver-stopped/);
    assert.match(verdict(called(withLoad({ standstill: still(0) }), 'void', 'driver-stopped')), /does not bear out/);
    assert.equal(verdict(called(one('valid'), 'void', 'driver-stopped')), 'open');
    const lacking = withLoad({ errors: { exhausted: 50 } });
    assert.equal(verdict(called(lacking, 'void', 'driver-exhausted')), 'follows');
    assert.match(verdict(called(one('valid'), 'void', 'driver-exhausted')), /does not bear out/);
  });

  test('is not valid without a load', () => {
    assert.match(verdict(unmeasured(one('valid'))), /recorded as valid, and it has no load/);
  });

  test('is skipped when a lower level was out of reach in two blocks before it, and not otherwise', () => {
    const saturated = trials.filter(
      ({ state, target, scenario, level }) =>
        state === 'saturated' && target === 'litellm' && scenario === 'chat-minimal' && level.value === 500,
    );
    const higher = trials.find(
      ({ target, scenario, level }) => target === 'litellm' && scenario === 'chat-minimal' && level.value === 1000,
    );
    assert.ok(higher !== undefined && saturated.length === 2);
    const skipped = called(unmeasured(higher), 'skipped', 'implied');
    assert.equal(verdict(skipped, saturated), 'follows');
    assert.match(verdict(skipped, saturated.slice(1)), /recorded as skipped, and no lower level was out of reach/);
  });
});
