import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { judge, judgeOverhead, noiseFloorAt, noiseFloorOf } from '#src/analyse/overhead.js';
import type { NoiseFloor } from '#src/record/summary.js';
import type { Distribution } from '#src/record/trial.js';
import { bareDistribution as median } from './bare-run.js';
import { lehmer, lognormalDistribution, normal } from './synthetic-run.js';

function floorOf(pairs: readonly (readonly Distribution[])[]): NoiseFloor {
  return { scenario: 'chat-minimal', level: { kind: 'rps', value: 100 }, ...noiseFloorAt(pairs) };
}

function judged(pairs: readonly { readonly target: Distribution; readonly direct: readonly Distribution[] }[]) {
  return judgeOverhead(pairs, floorOf(pairs.map(({ direct }) => direct)), 1).p50 ?? assert.fail();
}

describe('judgeOverhead', () => {
  it('is the geometric mean of the shifts within blocks where a target is above in each, by hand', () => {
    // Shifts 400, 440, 484: ln 1.1 = 0.09531 apart, so s = 0.09531, s/√3 · 4.303 = 0.23678: a factor of 1.2672.
    const pairs = [
      { target: median(500), direct: [median(100), median(100)] },
      { target: median(540), direct: [median(100), median(100)] },
      { target: median(594), direct: [median(110), median(110)] },
    ];
    const { value, low, high, verdict, ratio } = judged(pairs);
    assert.deepEqual({ value, low, high, verdict }, { value: 440, low: 347.2, high: 557.6, verdict: 'above' });
    // The ratio: 5, 5.4, 5.4.
    assert.equal(ratio.value, Number(Math.cbrt(5 * 5.4 * 5.4).toPrecision(4)));
  });

  it('is by the ratio where nothing is told, and holds 0 just where the ratio’s interval holds 1', () => {
    // Logarithms of the ratio: ± ln 1.2, so s = 0.18232, s/√3… by hand for two blocks: s = 0.25784, t(1) = 12.706: ± 2.3165.
    const pairs = [
      { target: median(120), direct: [median(100), median(100)] },
      { target: median(100), direct: [median(120), median(120)] },
    ];
    const { value, low, high, verdict, ratio } = judged(pairs);
    assert.equal(verdict, 'within-noise');
    assert.equal(value, 0);
    const direct = Math.sqrt(100 * 120);
    assert.equal(high, Math.round(10 * direct * Math.expm1(2.31655)) / 10);
    assert.equal(low, Math.round(10 * direct * Math.expm1(-2.31655)) / 10);
    assert.equal(ratio.high, Number(Math.exp(2.31655).toPrecision(4)));
  });

  it('may be negative, is not clamped, and says below', () => {
    const pairs = [1, 2, 3].map((i) => ({ target: median(100 + i), direct: [median(300), median(301)] }));
    const { value, high, verdict } = judged(pairs);
    assert.ok(value < -198 && value > -199 && high < 0);
    assert.equal(verdict, 'below');
  });

  it('does not take an erratic target for one that may add nothing', () => {
    // 14 times as much in each of nine blocks: the mean of differences with Student’s t would reach from −14 to +60 ms.
    const direct = [135, 126, 112, 125, 129, 94, 58, 51, 50];
    const target = [1940, 2360, 29_152, 2520, 10_704, 148_651, 4336, 1484, 1524];
    const pairs = target.map((us, i) => ({
      target: median(us),
      direct: [median(direct[i] ?? 0), median(direct[i] ?? 0)],
    }));
    const { value, low, high, verdict } = judged(pairs);
    assert.equal(verdict, 'above');
    assert.ok(low > 1000 && value < 10_000 && high < 30_000, `${value} [${low}, ${high}]`);
  });

  it('is never surer than direct against direct allows', () => {
    const pairs = (twice: readonly [number, number]) =>
      [0, 1, 2].map(() => ({ target: median(130), direct: [median(twice[0]), median(twice[1])] }));
    assert.equal(judged(pairs([100, 100])).verdict, 'above');
    // The same geometric mean, and blocks that agree all the same; but one direct takes twice as long as the other.
    const noisy = judged(pairs([70.71, 141.42]));
    assert.equal(noisy.verdict, 'within-noise');
    assert.ok(noisy.low < 0 && noisy.high > 0);
  });

  it('has nothing to say without direct in the same block', () => {
    assert.deepEqual(judgeOverhead([], undefined, 1), {});
    assert.deepEqual(judgeOverhead([{ target: median(5), direct: [] }], undefined, 1), {});
  });

  it('always agrees with its own interval: above is above 0, below below it, and what holds 0 is neither', () => {
    const us = fc.integer({ min: 20, max: 100_000 });
    const block = fc.record({ target: us, one: us, other: us });
    fc.assert(
      fc.property(fc.array(block, { minLength: 2, maxLength: 9 }), (blocks) => {
        const { value, low, high, verdict, ratio } = judged(
          blocks.map(({ target, one, other }) => ({ target: median(target), direct: [median(one), median(other)] })),
        );
        assert.ok(low <= value && value <= high);
        assert.equal(verdict === 'above', low > 0 && ratio.low > 1 && ratio.value >= 1.03 - 0.001, `${verdict} ${low}`);
        if (verdict === 'below') assert.ok(high < 0);
        if (low < 0 && high > 0) assert.equal(verdict, 'within-noise');
      }),
    );
  });

  it('calls hardly ever two equal targets different', () => {
    const random = lehmer(11);
    let different = 0;
    for (let run = 0; run < 60; run += 1) {
      const trial = (): Distribution =>
        lognormalDistribution(random, {
          medianUs: 500 * Math.exp(0.05 * normal(random)),
          sigma: 0.3,
          perSecond: 50,
          seconds: 3,
        });
      const pairs = Array.from({ length: run % 2 === 0 ? 1 : 4 }, () => ({
        target: trial(),
        direct: [trial(), trial()],
      }));
      const overhead = judgeOverhead(pairs, floorOf(pairs.map(({ direct }) => direct)), run);
      if (overhead.p50?.verdict !== 'within-noise') different += 1;
    }
    // 5 % of 60 is 3; more than 9 would be chance once in a thousand.
    assert.ok(different <= 9, `${different} of 60`);
  });

  it('finds a planted delay', () => {
    const random = lehmer(12);
    const trial = (medianUs: number): Distribution =>
      lognormalDistribution(random, { medianUs, sigma: 0.2, perSecond: 100, seconds: 5 });
    const pairs = Array.from({ length: 4 }, () => ({ target: trial(700), direct: [trial(500), trial(500)] }));
    const { low, high, verdict } = judged(pairs);
    assert.ok(low < 200 && high > 200 && verdict === 'above', `${low} ${high}`);
  });
});

describe('judge', () => {
  it('wants the interval on one side of 0 and an effect of 3 %', () => {
    const shift = { value: 50, low: 40, high: 60 };
    assert.equal(judge(shift, 1000), 'above');
    assert.equal(judge(shift, 2000), 'within-noise', 'less than 3 % of direct');
    assert.equal(judge({ value: -50, low: -60, high: -40 }, 1000), 'below');
    assert.equal(judge({ value: 50, low: -1, high: 101 }, 1000), 'within-noise');
    assert.equal(judge(shift, 1000, 55), 'within-noise', 'from one block the floor has to be exceeded as well');
  });

  it('gives no verdict without a floor', () => {
    const pairs = [1, 2, 3].map(() => ({ target: median(900), direct: [median(100)] }));
    assert.equal(judged(pairs).verdict, 'within-noise');
  });
});

describe('the noise floor', () => {
  it('is t times the root mean square of the differences over the root of the blocks', () => {
    assert.equal(noiseFloorOf([]), null);
    assert.equal(noiseFloorOf([-10]), 127.06);
    assert.equal(noiseFloorOf([3, -4])?.toFixed(3), (4.303 * Math.sqrt(12.5 / 2)).toFixed(3));
  });

  it('is unknown, not 0, where one pair happens to agree', () => assert.equal(noiseFloorOf([0]), null));

  it('counts only blocks with both replicas of direct', () => {
    const floor = noiseFloorAt([[median(100), median(110)], [median(100)]]);
    assert.deepEqual(floor, { p50Us: 127.1, p90Us: null, p99Us: null, pairs: 1 });
  });
});
