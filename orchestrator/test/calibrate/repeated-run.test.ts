import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { agree, judgeRepeatedRun } from '#src/calibrate/repeated-run.js';
import type { Summary } from '#src/record/summary.js';
import { syntheticRun } from '../analyse/synthetic-run.js';

const { manifest, trials } = syntheticRun();
const summary = analyse(manifest, trials);
const ordered = (...places: readonly (readonly string[])[]): Summary => ({
  ...summary,
  ranking: summary.ranking.slice(0, 1).map((ranking) => ({
    ...ranking,
    places: places.map((targets, i) => ({ place: i + 1, targets: [...targets] })),
  })),
});

test('a run agrees with itself in every cell', () => {
  const { cells, agreeing, disagreements, contradictions } = judgeRepeatedRun(summary, summary);
  assert.equal(cells, summary.cells.length);
  assert.deepEqual([agreeing, disagreements, contradictions], [cells, [], []]);
});

test('two values agree when they are no further apart than the sides of their intervals that face each other, squared and added', () => {
  const near = { value: 100, low: 90, high: 103 };
  assert.ok(agree(near, { value: 105, low: 101, high: 130 }));
  assert.ok(!agree(near, { value: 105.1, low: 101.1, high: 130 }));
  assert.ok(agree({ value: 105, low: 101, high: 130 }, near));
});

test('only the opposite order contradicts; a shared place does not', () => {
  const said = (other: Summary) => judgeRepeatedRun(ordered(['a'], ['b'], ['c']), other).contradictions.length;
  assert.equal(said(ordered(['a'], ['b', 'c'])), 0);
  assert.equal(said(ordered(['a', 'b', 'c'])), 0);
  assert.equal(said(ordered(['a'], ['c'])), 0);
  assert.equal(said(ordered(['b'], ['a'], ['c'])), 1);
  assert.equal(said(ordered(['c'], ['b'], ['a'])), 3);
});
