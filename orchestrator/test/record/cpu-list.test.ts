import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatCpuList, parseCpuList } from '#src/record/cpu-list.js';

test('lists are read as the kernel writes them', () => {
  assert.deepEqual(parseCpuList('0-3,8\n'), [0, 1, 2, 3, 8]);
  assert.deepEqual(parseCpuList('5,1,1'), [1, 5]);
  assert.equal(formatCpuList([8, 0, 1, 2, 3, 3]), '0-3,8');
  assert.equal(formatCpuList([]), '');
});

test('what is no list is none', () => {
  for (const text of ['', 'a', '3-1', '1-', '-1', '1,,2', '0-3:1', '1.5']) assert.equal(parseCpuList(text), null, text);
});

test('a list that was written is read back', () => {
  const cpus = fc.uniqueArray(fc.nat(4095), { minLength: 1 });
  fc.assert(
    fc.property(cpus, (some) =>
      assert.deepEqual(
        parseCpuList(formatCpuList(some)),
        some.toSorted((a, b) => a - b),
      ),
    ),
  );
});
