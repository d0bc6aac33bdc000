import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wrongAnswers } from '#src/record/answer-size.js';
import { Histogram } from '#src/record/histogram.js';
import { loadRecord } from '../support/fake-runtime.js';

function answers(...sizes: readonly (readonly [bytes: number, count: number])[]) {
  const histogram = new Histogram();
  for (const [bytes, count] of sizes) for (let i = 0; i < count; i++) histogram.record(bytes);
  return loadRecord(100, { answerBytes: histogram.toSparse() });
}

describe('answers that nobody read', () => {
  it('may be timed when they are as long as the attested one, give or take an id', () => {
    assert.equal(wrongAnswers(answers([640, 900], [655, 100]), { bytes: 648, fault: null }), null);
    assert.equal(wrongAnswers(answers([640, 1000]), { bytes: null, fault: null }), null);
    assert.equal(wrongAnswers(loadRecord(100), { bytes: 648, fault: null }), null);
  });

  for (const [what, bytes] of [
    ['an empty object', 2],
    ['a terminal frame alone', 14],
    ['an error with status 200', 180],
    ['an endless answer', 9000],
  ] as const)
    it(`may not be timed where they are ${what}`, () => {
      const reason = wrongAnswers(answers([bytes, 1000]), { bytes: 648, fault: null });
      assert.equal(reason?.code, 'wrong-answers');
      assert.match(
        reason.message,
        /^1000 of 1000 answers with status 200 are no answers by their length: .* the attested one has 648$/,
      );
    });

  it('may not be timed where the one behind the trial says something else', () => {
    const reason = wrongAnswers(answers([640, 1000]), { bytes: 648, fault: 'it says "", not "hello"' });
    assert.match(
      reason?.message ?? '',
      /^asked once more behind the trial, it answers otherwise than before: it says ""/,
    );
  });
});
