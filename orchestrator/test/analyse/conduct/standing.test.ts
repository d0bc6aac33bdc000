import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isolationRows } from '#src/analyse/conduct/isolation.js';
import { standingRows } from '#src/analyse/conduct/standing.js';
import type { ConductLook } from '#src/record/conduct.js';
import { request } from './synthetic.js';

const LOOK: ConductLook = {
  processes: ['7/100', '8/101'],
  descriptors: 36,
  connections: 16,
  memoryBytes: 64 * 1024 ** 2,
};

function valuesOf(after: ConductLook | null): unknown[] {
  return Object.values(standingRows({ before: LOOK, after })).map((row) => ('state' in row ? row.state : row.value));
}

test('what stands as before is as before; what grew is told with room on both sides', () => {
  assert.deepEqual(valuesOf(LOOK), [0, 1, 1, 1]);
  const grown = { ...LOOK, descriptors: 136, connections: 96, memoryBytes: 256 * 1024 ** 2 };
  assert.deepEqual(valuesOf(grown), [0, 2, 2, 2.5]);
});

test('a process that was replaced is lost, and one that ended left nothing', () => {
  assert.equal(valuesOf({ ...LOOK, processes: ['7/100', '9/400'] })[0], 1);
  // Nor has it given back what it held.
  const ended = { processes: [], descriptors: 0, connections: 0, memoryBytes: 0 };
  assert.deepEqual(valuesOf(ended), [2, 'nothing-seen', 'nothing-seen', 'nothing-seen']);
});

test('what a runtime does not show cannot be told', () => {
  const hidden = { processes: null, descriptors: null, connections: null, memoryBytes: 64 * 1024 ** 2 };
  assert.deepEqual(valuesOf(hidden), ['cannot-tell', 'cannot-tell', 'cannot-tell', 1]);
  assert.deepEqual(valuesOf(null), Array(4).fill('cannot-tell'));
});

test('the p99 of another model is held against that before, and who had no answer waited', () => {
  const fates = (phase: 'before' | 'fault', us: number, outcome = 'ok') =>
    Array.from({ length: 50 }, (_, i) => ({
      request: request(`${phase}${i}`, 0, { endUs: us, outcome }),
      attempts: [],
      phase,
    }));
  const rows = isolationRows([...fates('before', 5000), ...fates('fault', 3e6, 'timeout')]);
  assert.deepEqual(
    [rows.asideServedShare, rows.asideAddedUs].map((row) => ('state' in row ? row.state : row.value)),
    [0, 2_995_000],
  );
  const well = isolationRows([...fates('before', 5000), ...fates('fault', 5000)]);
  assert.deepEqual(
    [well.asideServedShare, well.asideAddedUs].map((row) => ('state' in row ? row.state : row.value)),
    [1, 0],
  );
});
