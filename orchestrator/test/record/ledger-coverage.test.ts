import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWhollyJoined, joinGap } from '#src/record/ledger-coverage.js';
import { syntheticRun } from '../analyse/synthetic-run.js';

const [trial = assert.fail()] = syntheticRun({ ledger: true }).trials;
const { ledger, load } = trial;
assert.ok(ledger !== null && load !== null);

test('a join of nearly all right answers stands for them', () => {
  assert.equal(joinGap(trial), null);
  assert.equal(isWhollyJoined(trial), true);
});

test('one that misses more than a hundredth does not, and says how many', () => {
  const joined = Math.ceil(0.99 * load.ok) - 1;
  const short = { load, ledger: { ...ledger, joined } };
  assert.equal(isWhollyJoined(short), false);
  assert.equal(joinGap(short)?.code, 'ledger-incomplete');
  assert.deepEqual(joinGap(short)?.evidence, {
    joined,
    ok: load.ok,
    share: joined / load.ok,
    overwritten: 0,
    limit: 0.99,
  });
});

test('nor does one of a ledger that overwrote records, however many were joined', () => {
  const gap = joinGap({ load, ledger: { ...ledger, overwritten: 3 } });
  assert.match(gap?.message ?? '', /overwrote 3 records, the oldest of its busiest worker$/);
});

test('without a ledger there is nothing to warn of, and no join', () => {
  assert.equal(joinGap({ load, ledger: null }), null);
  assert.equal(isWhollyJoined({ load, ledger: null }), false);
});
