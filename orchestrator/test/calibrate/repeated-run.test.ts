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

test('a cell that agrees because its intervals would allow anything is named, and does not count as agreeing', () => {
  const [wide = assert.fail(), ...others] = summary.cells.filter(({ latencyUs }) => latencyUs.p50 !== undefined);
  const p50 = wide.latencyUs.p50 ?? assert.fail();
  const stretched = (share: number): Summary => {
    const estimate = { value: p50.value, low: p50.value * (1 - share), high: p50.value * (1 + share) };
    return { ...summary, cells: [{ ...wide, latencyUs: { ...wide.latencyUs, p50: estimate } }, ...others] };
  };
  // Two sides of 17 % reach 24 % together, two of 18 % 25.5 %.
  assert.deepEqual(judgeRepeatedRun(stretched(0.17), stretched(0.17)).vague, []);
  const { cells, agreeing, vague, disagreements } = judgeRepeatedRun(stretched(0.18), stretched(0.18));
  assert.deepEqual([agreeing, vague.length, disagreements.length], [cells - 1, 1, 0]);
  assert.match(vague[0] ?? '', new RegExp(`^${wide.target}, ${wide.scenario} at `));
});

test('only the opposite order contradicts; a shared place does not', () => {
  const said = (other: Summary) => judgeRepeatedRun(ordered(['a'], ['b'], ['c']), other).contradictions.length;
  assert.equal(said(ordered(['a'], ['b', 'c'])), 0);
  assert.equal(said(ordered(['a', 'b', 'c'])), 0);
  assert.equal(said(ordered(['a'], ['c'])), 0);
  assert.equal(said(ordered(['b'], ['a'], ['c'])), 1);
  assert.equal(said(ordered(['c'], ['b'], ['a'])), 3);
});
