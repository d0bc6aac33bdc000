import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isMeasured, medianRow, shareRow, statisticRow } from '#src/analyse/conduct/row.js';
import { meanOf, medianOf } from '#src/analyse/student.js';

test('a share has Wilson’s interval', () => {
  // 5 of 10: (0.5 ± …) by hand from the formula, to four digits.
  const row = shareRow(5, 10, 'requests');
  assert.ok(isMeasured(row));
  assert.deepEqual([row.low.toFixed(4), row.value, row.high.toFixed(4)], ['0.2366', 0.5, '0.7634']);
});

test('of nothing there is no share and no median', () => {
  assert.deepEqual(shareRow(0, 0, 'streams'), { state: 'nothing-seen', reason: 'there were no streams' });
  assert.deepEqual(medianRow([], 'pauses'), { state: 'nothing-seen', reason: 'there were no pauses' });
});

test('the middle value', () => {
  assert.equal(medianOf([3, 1, 2]), 2);
  assert.equal(medianOf([4, 1, 2, 3]), 2.5);
});

test('a value always lies in its interval, and what does not vary has none', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 30 }), (values) => {
      for (const row of [statisticRow(values, meanOf, 'x'), medianRow(values, 'x')]) {
        assert.ok(isMeasured(row) && row.low <= row.value && row.value <= row.high);
      }
    }),
    { numRuns: 30 },
  );
  assert.deepEqual(medianRow([7, 7, 7], 'x'), { value: 7, low: 7, high: 7, count: 3 });
});

test('shares stay within 0 and 1, their value within their interval', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), (count, part) => {
      const row = shareRow(Math.round(part * count), count, 'x');
      assert.ok(isMeasured(row) && 0 <= row.low && row.low <= row.value && row.value <= row.high && row.high <= 1);
    }),
  );
});
