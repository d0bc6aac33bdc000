import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ComposeFloat, DoubtfulScalar, plainScalar } from '#src/catalogue/compose-scalar.js';

const MEANINGS: readonly (readonly [string, string])[] = [
  ['1.50', '1.5'],
  ['2.0', '2'],
  ['017', '15'],
  ['0o17', '15'],
  ['089', '89'],
  ['-0x1F', '-31'],
  ['0b11', '3'],
  ['1_000', '1000'],
  ['1e-7', '1e-07'],
  ['123456789.0', '1.23456789e+08'],
  ['9007199254740993', '9007199254740993'],
  ['123456789012345678901234567890', '1.2345678901234568e+29'],
  ['1.2.3', '1.2.3'],
  ['12:30:45', '12:30:45'],
  ['yes', 'yes'],
  ['TRUE', 'true'],
];
for (const [word, value] of MEANINGS)
  test(`${word} becomes ${value}`, () => assert.equal(String(plainScalar(word)), value));

test('a date, infinity and not-a-number are refused', () => {
  for (const word of ['2024-01-02', '2024-01-02T03:04:05Z', '.inf', '-.INF', '.nan']) {
    assert.throws(() => plainScalar(word), DoubtfulScalar, word);
  }
});

test('a number keeps its value in its text', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      assert.equal(Number(String(new ComposeFloat(value))), value === 0 ? 0 : value);
    }),
  );
});
