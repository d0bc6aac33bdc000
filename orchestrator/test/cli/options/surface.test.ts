import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSurface } from '#src/cli/options/surface.js';
import { BenchError } from '#src/errors.js';
import { parsePrice } from '#src/record/price.js';

const search = { 'find-capacity': true };

test('every limit stands with every other, the fewest CPUs first', () => {
  assert.deepEqual(readSurface({ ...search, cpus: '2 0.5', memory: '256m' }), [
    { cpus: 0.5, memoryBytes: 256 * 2 ** 20, workers: null },
    { cpus: 2, memoryBytes: 256 * 2 ** 20, workers: null },
  ]);
  assert.equal(readSurface({ ...search, cpus: '1 2', memory: '1g 2g', workers: '1 2' }).length, 8);
  assert.deepEqual(readSurface(search), []);
  assert.deepEqual(readSurface({ ...search, price: 'cpu-hour=1' }), []);
});

const REFUSED: readonly (readonly [Readonly<Record<string, unknown>>, RegExp])[] = [
  [{ cpus: '1' }, /--cpus is of --find-capacity alone/],
  [{ ...search, cpus: '0' }, /--cpus "0" cannot be used/],
  [{ ...search, cpus: '' }, /--cpus is empty/],
  [{ ...search, memory: '1' }, /--memory "1" cannot be used/],
  [{ ...search, workers: '1.5' }, /--workers "1.5" cannot be used/],
  [{ ...search, cpus: '1 2 3 4 5 6 7 8 9', workers: '1 2 3 4 5 6 7 8' }, /make 72 points together, and 64 is the most/],
  [{ ...search, price: 'cpu=1' }, /--price "cpu=1" cannot be used/],
];

for (const [given, message] of REFUSED)
  test(`${JSON.stringify(given)} is refused`, () => {
    assert.throws(
      () => readSurface(given),
      (thrown) => thrown instanceof BenchError && thrown.code === 'bad-value' && message.test(thrown.message),
    );
  });

test('a price has parts that are left out, and is above 0', () => {
  assert.deepEqual(parsePrice('cpu-hour=0.04, gib-hour=.005'), { cpuHour: 0.04, gibHour: 0.005 });
  assert.deepEqual(parsePrice('gib-hour=1'), { cpuHour: 0, gibHour: 1 });
  assert.throws(() => parsePrice('cpu-hour=0'), /cannot be used/);
});
