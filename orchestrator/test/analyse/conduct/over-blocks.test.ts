import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CaseResult } from '#src/analyse/conduct/case-rows.js';
import { overBlocks } from '#src/analyse/conduct/over-blocks.js';
import type { ConductRow } from '#src/analyse/conduct/row.js';
import { PHASES } from './synthetic.js';

function block(rows: CaseResult['rows']): CaseResult {
  const requests = { known: 10, unknown: 1, strangeAttempts: 2 };
  return { case: 'outage-503', streaming: false, phases: PHASES, requests, rows };
}

function row(value: number): ConductRow {
  return { value, low: value, high: value, count: 5 };
}

const NEVER: ConductRow = { state: 'beyond-phase', reason: 'not back', value: 4e6 };

test('one block is as it was', () => {
  const only = block({ amplification: row(2) });
  assert.equal(overBlocks([only]), only);
});

test('several are their mean, with Student’s interval over blocks, and requests add up', () => {
  const merged = overBlocks([1, 2, 3].map((value) => block({ amplification: row(value) })));
  // Standard error 1/√3, two degrees of freedom: 4.303 × 0.57735 = 2.4843, cut at 0.
  const { low, high, ...rest } = merged.rows.amplification as Extract<ConductRow, { low: number }>;
  assert.deepEqual([rest, low, high.toFixed(4)], [{ value: 2, count: 15 }, 0, '4.4843']);
  assert.deepEqual(merged.requests, { known: 30, unknown: 3, strangeAttempts: 6 });
});

test('a share is not more than all', () => {
  const merged = overBlocks([0.9, 1].map((value) => block({ servedShare: row(value) })));
  assert.equal((merged.rows.servedShare as Extract<ConductRow, { high: number }>).high, 1);
});

test('what was not seen in half of the blocks or more is not told', () => {
  assert.equal(overBlocks([block({ returnUs: row(1) }), block({ returnUs: NEVER })]).rows.returnUs, NEVER);
  const mostly = overBlocks([block({ returnUs: row(1) }), block({ returnUs: NEVER }), block({ returnUs: row(1) })]);
  assert.deepEqual(mostly.rows.returnUs, { value: 1, low: 1, high: 1, count: 10 });
});
