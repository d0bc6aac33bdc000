import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { agree, judgeRepeatedRun } from '#src/calibrate/repeated-run.js';
import type { Estimate, Summary } from '#src/record/summary.js';
import { syntheticRun } from '../analyse/synthetic-run.js';

const { manifest, trials } = syntheticRun();
const summary = analyse(manifest, trials);
/** A run that tells everyone in a group from everyone in a later one. */
const ordered = (...groups: readonly (readonly string[])[]): Summary => ({
  ...summary,
  ranking: summary.ranking.slice(0, 1).map((ranking) => ({
    ...ranking,
    pairs: groups.flatMap((group, i) =>
      group.flatMap((faster) =>
        groups.slice(i + 1).flatMap((later) =>
          later.map((slower) => ({
            faster,
            slower,
            ratio: { value: 2, low: 1.5, high: 2.5 },
            told: true,
            blocks: 4,
            blocksNeeded: null,
          })),
        ),
      ),
    ),
  })),
});

test('a run agrees with itself in every cell', () => {
  const { overheads, latencies, moved, contradictions } = judgeRepeatedRun(summary, summary);
  assert.equal(latencies.cells, summary.cells.length);
  assert.equal(overheads.cells, summary.cells.filter(({ overheadUs }) => overheadUs?.p50 !== undefined).length);
  assert.ok(overheads.cells > 0);
  assert.deepEqual([latencies.agreeing, latencies.disagreements], [latencies.cells, []]);
  assert.deepEqual([overheads.agreeing + overheads.vague.length, overheads.disagreements], [overheads.cells, []]);
  assert.deepEqual([moved, contradictions], [[], []]);
});

test('where direct itself is not repeated the machine was another: what targets add is compared, their latencies are not', () => {
  const scaled = ({ value, low, high }: Estimate, by: number) => ({
    value: value * by,
    low: low * by,
    high: high * by,
  });
  const slower = (names: readonly string[]): Summary => ({
    ...summary,
    cells: summary.cells.map((cell) =>
      cell.latencyUs.p50 === undefined || !names.includes(cell.target)
        ? cell
        : { ...cell, latencyUs: { ...cell.latencyUs, p50: scaled(cell.latencyUs.p50, 3) } },
    ),
  });
  const all = [...new Set(summary.cells.map(({ target }) => target))];
  const levels = summary.cells.filter(({ target, latencyUs }) => target === 'direct' && latencyUs.p50 !== undefined);
  const machine = judgeRepeatedRun(summary, slower(all));
  assert.equal(machine.moved.length, levels.length);
  assert.match(machine.moved[0] ?? '', /^direct, .* at .*: p50 \d+ µs/);
  assert.equal(machine.latencies.cells, summary.cells.length - all.length * levels.length);
  assert.deepEqual([machine.latencies.disagreements, machine.overheads.disagreements], [[], []]);

  const [gateway = assert.fail()] = all.filter((name) => name !== 'direct');
  const one = judgeRepeatedRun(summary, slower([gateway]));
  assert.deepEqual([one.moved, one.latencies.cells], [[], summary.cells.length]);
  assert.ok(one.latencies.disagreements.length > 0);
  assert.ok(one.latencies.disagreements.every((text) => text.startsWith(`${gateway}, `)));
});

test('a target that adds something else in the other run is named, whatever its latency is', () => {
  const [cell = assert.fail(), ...others] = summary.cells.filter(({ overheadUs }) => overheadUs?.p50 !== undefined);
  const adding = (us: number): Summary => {
    const ratio = { value: 2, low: 1.9, high: 2.1 };
    const p50 = { value: us, low: us - 5, high: us + 5, verdict: 'above', ratio } as const;
    const { perRequest: _, ...rest } = cell;
    return { ...summary, cells: [{ ...rest, overheadUs: { ...cell.overheadUs, p50 } }, ...others] };
  };
  const { overheads, latencies } = judgeRepeatedRun(adding(100), adding(200));
  assert.equal(overheads.disagreements.length, 1);
  assert.match(
    overheads.disagreements[0] ?? '',
    new RegExp(`^${cell.target}, .*: adds at p50 100 µs \\(95 to 105\\) in one run, 200 µs`),
  );
  assert.deepEqual(latencies.disagreements, []);
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
  assert.deepEqual(judgeRepeatedRun(stretched(0.17), stretched(0.17)).latencies.vague, []);
  const { cells, agreeing, vague, disagreements } = judgeRepeatedRun(stretched(0.18), stretched(0.18)).latencies;
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
