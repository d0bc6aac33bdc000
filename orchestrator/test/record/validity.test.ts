import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeLoad } from '#src/record/validity.js';
import { loadRecord } from '../support/fake-runtime.js';

const RPS = { kind: 'rps', value: 1000 } as const;

test('a load that kept up is valid', () => {
  assert.deepEqual(judgeLoad(loadRecord(999), RPS, 0), { state: 'valid', reason: null });
});

test('below 99 % of the level it is saturated and says where it stood', () => {
  assert.equal(judgeLoad(loadRecord(990, { windowMs: 5000, scheduled: 5000 }), RPS, 0).state, 'valid');
  assert.equal(judgeLoad(loadRecord(989, { windowMs: 5000, scheduled: 5000 }), RPS, 0).state, 'saturated');
  const judgement = judgeLoad(loadRecord(312.4), RPS, 0);
  assert.equal(judgement.state, 'saturated');
  assert.equal(judgement.reason?.message, 'saturated at 312/1000 rps');
});

test('in a short window what is under way at its end is not held against the target', () => {
  assert.equal(judgeLoad(loadRecord(951, { windowMs: 1000 }), RPS, 0).state, 'valid');
  assert.equal(judgeLoad(loadRecord(949, { windowMs: 1000 }), RPS, 0).state, 'saturated');
});

test('a number of streams is not a rate and cannot be missed', () => {
  assert.equal(judgeLoad(loadRecord(3), { kind: 'streams', value: 1000 }, 0).state, 'valid');
});

test('more than one failure in a thousand fails the trial, and says which', () => {
  assert.equal(judgeLoad(loadRecord(1000, { ok: 999, errors: { status: 1 } }), RPS, 0).state, 'valid');
  const judgement = judgeLoad(
    loadRecord(1000, { ok: 990, errors: { status: 10 }, statuses: { 200: 990, 503: 10 } }),
    RPS,
    0,
  );
  assert.equal(judgement.state, 'failed');
  assert.match(judgement.reason?.message ?? '', /1 % of the requests failed: status 503 \(10×\)/);
});

test('failures that the mock was asked to play are no fault', () => {
  assert.equal(judgeLoad(loadRecord(1000, { ok: 480, errors: { status: 520 } }), RPS, 0.5).state, 'valid');
  assert.equal(judgeLoad(loadRecord(1000, { ok: 300, errors: { status: 700 } }), RPS, 0.5).state, 'failed');
});

test('no answers at all is a failure', () => {
  assert.equal(judgeLoad(loadRecord(0, { ok: 0, errors: { open: 1000 } }), RPS, 0).reason?.code, 'no-answers');
});

test('a schedule that asks for less than its level is held against what was due', () => {
  const ramp = { scheduled: 550, windowMs: 1000 };
  assert.equal(judgeLoad(loadRecord(548, ramp), RPS, 0).state, 'valid');
  assert.equal(judgeLoad(loadRecord(400, ramp), RPS, 0).state, 'saturated');
});
