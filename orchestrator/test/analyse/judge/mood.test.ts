import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { moodsOf, withMood } from '#src/analyse/judge/mood.js';
import { lehmer, normal } from '../synthetic-run.js';

/** Cells of which each block has a mood of its own, and each figure a residual. */
function cellsWith(mood: number, residual: number, blocks: number, seed: number, cells = 24): Map<number, number>[] {
  const random = lehmer(seed);
  const moods = Array.from({ length: blocks }, () => mood * normal(random));
  return Array.from(
    { length: cells },
    (_, i) => new Map(moods.map((at, b) => [b + 1, i + at + residual * normal(random)])),
  );
}

describe('the mood of a block', () => {
  it('is told from what is left to each cell', () => {
    const runs = Array.from({ length: 60 }, (_, i) => moodsOf(cellsWith(0.3, 0.1, 6, 7919 * (i + 1))) ?? assert.fail());
    const mean = (of: (moods: (typeof runs)[number]) => number): number =>
      runs.reduce((sum, one) => sum + of(one), 0) / runs.length;
    const found = mean(({ mood }) => mood.variance);
    // 300 degrees of freedom in all: three standard errors.
    assert.ok(Math.abs(found / 0.09 - 1) < 0.25, String(found));
    // Each residual is a twenty-fourth short, for the mood is estimated from it as well.
    assert.ok(Math.abs(mean(({ residuals }) => residuals[0]?.variance ?? 0) / 0.01 - 1) < 0.2);
    assert.deepEqual(
      runs.map(({ mood }) => mood.degrees),
      runs.map(() => 5),
    );
  });

  it('is none where cells differ by themselves alone, but for chance', () => {
    const variances = Array.from(
      { length: 60 },
      (_, i) => moodsOf(cellsWith(0, 0.1, 6, 7919 * (i + 1)))?.mood.variance ?? assert.fail(),
    );
    assert.ok(variances.reduce((sum, one) => sum + one, 0) / variances.length < 0.0005);
  });

  it('has no part of one erratic cell', () => {
    const cells = cellsWith(0.1, 0.01, 3, 5);
    const before = moodsOf(cells)?.mood.variance ?? assert.fail();
    const wild = new Map([...(cells[0] ?? [])].map(([block, log]) => [block, log + (block === 2 ? 4 : 0)]));
    const after = moodsOf([wild, ...cells.slice(1)])?.mood.variance ?? assert.fail();
    assert.ok(Math.abs(after / before - 1) < 0.15, `${before} ${after}`);
  });

  it('is not looked for in a few cells', () => assert.equal(moodsOf(cellsWith(1, 0.1, 3, 1, 7)), null));

  it('known by one degree of freedom makes the sum known by hardly more', () => {
    const residual = { variance: 0.01, degrees: 12, erratic: false };
    assert.equal(withMood(residual, { variance: 0, degrees: 1 }), residual);
    const sum = withMood(residual, { variance: 0.04, degrees: 1 });
    assert.ok(Math.abs(sum.variance - 0.05) < 1e-12);
    // 0.05² / (0.01²/12 + 0.04²/1) = 1.55
    assert.equal(sum.degrees, 1);
    const slight = withMood(residual, { variance: 0.001, degrees: 1 });
    // 0.011² / (0.01²/12 + 0.001²) = 12.96, and no more than what was lent.
    assert.equal(slight.degrees, 12);
  });
});
