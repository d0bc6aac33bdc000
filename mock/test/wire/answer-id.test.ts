import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  ANSWER_SLOT,
  answerDigits,
  filled,
  fillSlots,
  filledText,
  seedAnswerIds,
  slotsIn,
} from '#src/wire/answer-id.js';

const MAX_NUMBER = 2 ** 48 - 1;

describe('the digits of an answer', () => {
  const mark = seedAnswerIds(0x12);
  const digits = (number: number) => answerDigits(0x12, mark, number);

  it('are those of the worker, of its process and of a counter', () => {
    assert.equal(answerDigits(0x12, 0xab, 0x345), '0012000000ab000000000345');
    assert.equal(answerDigits(0, 0xffff_ffff, MAX_NUMBER), '0000ffffffffffffffffffff');
  });

  it('stand in every slot, whichever number stood there before', () => {
    const number = fc.oneof(
      fc.nat(300),
      fc.nat(),
      fc.maxSafeInteger().map((n) => Math.abs(n) % (MAX_NUMBER + 1)),
    );
    const between = fc.array(fc.string({ maxLength: 5 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(between, fc.array(number, { minLength: 1, maxLength: 10 }), (texts, numbers) => {
        const bytes = Buffer.from(texts.join(ANSWER_SLOT));
        const slots = slotsIn(bytes);
        let before: number | undefined;
        for (const each of numbers) {
          const expected = texts.join(digits(each));
          assert.equal(filled(Buffer.from(texts.join(ANSWER_SLOT)), each).toString(), expected);
          fillSlots(bytes, slots, each, before);
          assert.equal(bytes.toString(), expected);
          before = each;
        }
      }),
    );
  });

  it('stand in a header too, and what has none is left alone', () => {
    assert.equal(filledText(`req_${ANSWER_SLOT}`, 7), `req_${digits(7)}`);
    const bytes = Buffer.from('nothing');
    assert.equal(filled(bytes, 7), bytes);
    assert.equal(filledText('nothing', 7), 'nothing');
  });
});
