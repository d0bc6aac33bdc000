import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addTimes, besideShare, timeAccountSchema, timeText } from '#src/record/time-account.js';

const ACCOUNT = {
  wholeMs: 1000,
  measuredMs: 700,
  warmupMs: 140,
  aroundLoadMs: 60,
  startingMs: 50,
  checkingMs: 20,
  stoppingMs: 10,
};

test('the account in a line', () => {
  assert.equal(
    timeText(ACCOUNT),
    '70 % of the time was measured; beside it 30 %: warm-up 14 %, around the load 6 %, starting 5 %, checking 2 %, stopping 1 %',
  );
  assert.equal(timeText({ ...ACCOUNT, measuredMs: 0 }), null);
});

test('what lay beside measuring, as a share', () => {
  assert.ok(Math.abs((besideShare(ACCOUNT) ?? Number.NaN) - 0.3) < 1e-12);
  assert.equal(besideShare({ ...ACCOUNT, measuredMs: 0 }), null);
});

test('a run that went on has the time of both parts', () => {
  assert.deepEqual(addTimes(undefined, ACCOUNT), ACCOUNT);
  const both = timeAccountSchema.parse(addTimes(ACCOUNT, { ...ACCOUNT, stoppingMs: 0 }));
  assert.deepEqual([both.wholeMs, both.measuredMs, both.stoppingMs], [2000, 1400, 10]);
});
