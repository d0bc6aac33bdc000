import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  formatAtMostMs,
  formatBoundsMs,
  formatIntervalMs,
  formatMiB,
  formatMs,
  formatShare,
  formatShiftMs,
  formatSpread,
} from '#src/report/format.js';

describe('figures for a person', () => {
  it('have three significant digits and milliseconds', () => {
    assert.deepEqual([0, 125, 999.4, 999.6, 1234, 9994, 9996, 99_940, 99_960, 1_234_000].map(formatMs), [
      '0.000',
      '0.125',
      '0.999',
      '1.00',
      '1.23',
      '9.99',
      '10.0',
      '99.9',
      '100',
      '1234',
    ]);
    assert.deepEqual([366, -12].map(formatShiftMs), ['+0.366', '−0.012']);
  });

  it('have intervals only where there is one', () => {
    const estimate = { value: 200, low: 190, high: 214 };
    assert.deepEqual(
      [formatSpread(estimate), formatBoundsMs(estimate), formatIntervalMs(estimate)],
      ['±7%', '[0.190, 0.214]', '0.200 [0.190, 0.214]'],
    );
    const bare = { value: 200, low: 200, high: 200 };
    assert.deepEqual([formatSpread(bare), formatBoundsMs(bare), formatIntervalMs(bare)], ['', '', '0.200']);
    assert.equal(formatSpread({ value: 100, low: 5, high: 2000 }), '×÷>10');
    assert.equal(formatSpread({ value: 100, low: 32, high: 310 }), '×÷3.1');
    assert.equal(formatBoundsMs({ value: 3440, low: 1200, high: 9900 }), '[1.20, 9.90]');
    assert.deepEqual(
      [formatAtMostMs({ value: -5, low: -40, high: 364 }), formatAtMostMs({ value: -5, low: -9, high: -1 })],
      ['≤0.364', '≤0.000'],
    );
    assert.equal(formatAtMostMs({ value: 578, low: 578, high: 578 }), '+0.578', 'nothing bounds it');
    assert.equal(formatSpread({ value: 1000, low: 998, high: 1002 }), '±0.2%');
  });

  it('never round a share up to all of it', () => {
    assert.deepEqual([1, 0.99999, 0.9994, 0.107, 0].map(formatShare), ['100', '99.99', '99.94', '10.7', '0.0']);
  });

  it('give memory in MiB', () => {
    assert.deepEqual([5.3 * 1024 ** 2, 152 * 1024 ** 2].map(formatMiB), ['5.3', '152']);
  });
});
