import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { lettersOf } from '#src/analyse/judge/letters.js';

/** Which pairs were told apart, as `0-2`. */
const told =
  (...pairs: readonly string[]) =>
  (i: number, j: number): boolean =>
    pairs.includes(`${i}-${j}`);

describe('letters', () => {
  it('are one for all when nothing was told, and one each when everything was', () => {
    assert.deepEqual(lettersOf(3, told()), ['a', 'a', 'a']);
    assert.deepEqual(lettersOf(3, told('0-1', '0-2', '1-2')), ['a', 'b', 'c']);
    assert.deepEqual(lettersOf(1, told()), ['a']);
  });

  it('do not chain the ends of a row to each other through the middle', () =>
    assert.deepEqual(lettersOf(3, told('0-2')), ['a', 'ab', 'b']));

  it('take Piepho’s worked steps: inserting and absorbing leaves the fewest', () =>
    assert.deepEqual(lettersOf(4, told('0-3', '1-3')), ['a', 'a', 'ab', 'b']));

  it('are shared by two exactly when they were not told apart', () => {
    const size = 6;
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 15, maxLength: 15 }), (apart) => {
        const at = (i: number, j: number): boolean => apart[(i * (2 * size - i - 1)) / 2 + j - i - 1] === true;
        const letters = lettersOf(size, at);
        for (let i = 0; i < size; i += 1)
          for (let j = i + 1; j < size; j += 1) {
            const shared = (letters[i] ?? '').split('').some((letter) => letters[j]?.includes(letter));
            assert.equal(shared, !at(i, j), `${i} and ${j} in ${letters.join(' ')}`);
          }
      }),
    );
  });
});
