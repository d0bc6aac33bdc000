import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SIZE, bytesOf, cpusOf, millisecondsOf } from '#src/catalogue/compose-units.js';

test('sizes count by 1024 in every unit, and fractions of a byte are dropped', () => {
  assert.equal(bytesOf('512m'), 512 * 1024 ** 2);
  assert.equal(bytesOf('1.5Gb'), 1.5 * 1024 ** 3);
  assert.equal(bytesOf('64 MiB'), 64 * 1024 ** 2);
  assert.equal(bytesOf('0.3k'), 307);
  assert.equal(bytesOf('1048576b'), 1048576);
  assert.equal(bytesOf('268435456'), 268435456);
  for (const size of ['512Mi', '1x', 'm', '', ' 1g', '1  g']) assert.equal(SIZE.test(size), false, size);
});

test('durations add up their parts', () => {
  assert.equal(millisecondsOf('90s'), 90_000);
  assert.equal(millisecondsOf('1m30s'), 90_000);
  assert.equal(millisecondsOf('1.5h'), 5_400_000);
  assert.equal(millisecondsOf('500ms'), 500);
});

test('CPUs have the precision that Compose gives them', () => {
  assert.equal(cpusOf(0.333333333333), 0.33333334);
  assert.equal(cpusOf('1.5'), 1.5);
});
