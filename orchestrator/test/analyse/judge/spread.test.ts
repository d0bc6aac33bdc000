import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { lnGamma, meanSquareQuantile } from '#src/analyse/judge/gamma.js';
import { type CellSpread, LEAST_CELLS, moderate, spreadOf } from '#src/analyse/judge/spread.js';
import { lehmer, normal } from '../synthetic-run.js';

/** Cells of so many kinds at so many levels, from as many normal values each. */
function cells(
  random: () => number,
  of: { kinds: number; levels: number; blocks: number; sigma: (kind: number) => number },
) {
  return Array.from({ length: of.levels }, (_, level) =>
    Array.from({ length: of.kinds }, (__, kind): CellSpread => {
      const spread = spreadOf(Array.from({ length: of.blocks }, () => of.sigma(kind) * normal(random)));
      return {
        variance: spread?.variance ?? 0,
        degrees: of.blocks - 1,
        of: String(kind),
        load: '100',
        shared: String(level),
      };
    }),
  ).flat();
}

describe('lnGamma', () => {
  it('is that of factorials and of a half', () => {
    assert.ok(Math.abs(lnGamma(5) - Math.log(24)) < 1e-8);
    assert.ok(Math.abs(lnGamma(0.5) - Math.log(Math.sqrt(Math.PI))) < 1e-8);
    assert.ok(Math.abs(lnGamma(1)) < 1e-8);
  });
});

describe('meanSquareQuantile', () => {
  it('is within 4 % of tabled χ² over its degrees', () => {
    // χ²: 1 degree, median 0.4549; 3 degrees, 99 %: 11.345; 10 degrees, 97.5 %: 20.483.
    for (const [degrees, z, table] of [
      [1, 0, 0.4549],
      [3, 2.3263, 11.345 / 3],
      [10, 1.96, 2.0483],
    ] as const)
      assert.ok(Math.abs(meanSquareQuantile(degrees, z) / table - 1) < 0.04, `${degrees}`);
  });
});

describe('moderated spreads', () => {
  it('are each cell’s own below eight cells', () => {
    const few = cells(lehmer(1), { kinds: 1, levels: LEAST_CELLS - 1, blocks: 3, sigma: () => 0.2 });
    assert.deepEqual(
      moderate(few).map(({ variance, degrees }) => [variance, degrees]),
      few.map(({ variance, degrees }) => [variance, degrees]),
    );
  });

  it('are the one variance of cells that agree, with more degrees of freedom', () => {
    const same = Array.from(
      { length: 12 },
      (_, i): CellSpread => ({
        variance: 0.04,
        degrees: 2,
        of: String(i % 3),
        load: '100',
        shared: String(i >> 1),
      }),
    );
    for (const { variance, degrees, erratic } of moderate(same)) {
      assert.ok(Math.abs(variance / 0.04 - 1) < 0.01, String(variance));
      assert.ok(degrees > 4, String(degrees));
      assert.equal(erratic, false);
    }
  });

  it('lie between the cell’s own and the law’s, so that none turns the order of two cells round', () => {
    const random = lehmer(2);
    const given = cells(random, { kinds: 3, levels: 6, blocks: 3, sigma: () => 0.2 });
    const steady = moderate(given)
      .map((spread, i) => ({ ...spread, own: given[i]?.variance ?? 0 }))
      .filter(({ erratic }) => !erratic);
    const byOwn = steady.toSorted((a, b) => a.own - b.own).map(({ variance }) => variance);
    assert.deepEqual(
      byOwn,
      byOwn.toSorted((a, b) => a - b),
    );
    const [least = 0, most = 0] = [byOwn[0], byOwn.at(-1)];
    assert.ok(most / least < Math.max(...steady.map(({ own }) => own)) / Math.min(...steady.map(({ own }) => own)));
  });

  it('keep an erratic kind out of the law, and never narrow it below its own', () => {
    const random = lehmer(3);
    for (let run = 0; run < 20; run += 1) {
      const given = cells(random, { kinds: 4, levels: 6, blocks: 3, sigma: (kind) => (kind === 3 ? 2 : 0.1) });
      const moderated = moderate(given);
      for (const [i, spread] of moderated.entries()) {
        const own = given[i] as CellSpread;
        if (own.of === '3') {
          assert.equal(spread.erratic, true);
          assert.ok(spread.variance >= own.variance);
          assert.equal(spread.degrees, own.degrees + 1);
        } else assert.ok(spread.variance < 0.2, `${spread.variance} beside an erratic kind`);
      }
    }
  });

  it('have no more degrees of freedom than cells that share blocks and direct can have', () => {
    // One level: eight cells count as 8 / (1 + 7/4) = 2.9 of one degree each.
    const beside = cells(lehmer(4), { kinds: 8, levels: 1, blocks: 2, sigma: () => 0.2 });
    assert.ok(moderate(beside).every(({ degrees }) => degrees <= 2));
  });

  it('scale with the cells: twice the logarithm, four times the variance', () => {
    const variance = fc.double({ min: 0.001, max: 4, noNaN: true });
    fc.assert(
      fc.property(fc.array(variance, { minLength: 8, maxLength: 24 }), (variances) => {
        const given = variances.map((own, i) => ({
          variance: own,
          degrees: 2,
          of: String(i % 4),
          load: '100',
          shared: String(i >> 2),
        }));
        const [one, four] = [
          moderate(given),
          moderate(given.map((cell) => ({ ...cell, variance: 4 * cell.variance }))),
        ];
        for (const [i, spread] of one.entries()) {
          assert.ok(Math.abs((four[i]?.variance ?? 0) / spread.variance / 4 - 1) < 1e-6);
          assert.equal(four[i]?.degrees, spread.degrees);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('do not depend on the order of the cells', () => {
    const given = cells(lehmer(5), { kinds: 3, levels: 6, blocks: 2, sigma: (kind) => 0.1 * (kind + 1) });
    const turned = moderate(given.toReversed()).toReversed();
    for (const [i, { variance, degrees }] of moderate(given).entries()) {
      assert.ok(Math.abs((turned[i]?.variance ?? 0) / variance - 1) < 1e-9);
      assert.equal(turned[i]?.degrees, degrees);
    }
  });
});
