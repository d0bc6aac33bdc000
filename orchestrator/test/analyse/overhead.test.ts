import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judge, judgeOverhead, noiseFloorAt, noiseFloorOf } from '#src/analyse/overhead.js';
import type { NoiseFloor } from '#src/record/summary.js';
import type { Distribution } from '#src/record/trial.js';
import { lehmer, lognormalDistribution, normal } from './synthetic-run.js';

/** A trial of which only the median is known. */
function median(p50: number): Distribution {
  return { count: 1000, quantiles: { p50, p90: null, p99: null, p999: null, max: null }, seconds: null };
}

function floorOf(pairs: readonly (readonly Distribution[])[]): NoiseFloor {
  return { scenario: 'chat-minimal', level: { kind: 'rps', value: 100 }, ...noiseFloorAt(pairs) };
}

describe('judgeOverhead', () => {
  it('is the mean of the differences within blocks, with Student’s t over them', () => {
    // Differences 400, 410, 420 although the blocks themselves are far apart: mean 410, s = 10, s/√3·4.303 = 24.8.
    const pairs = [
      { target: median(500), direct: [median(90), median(110)] },
      { target: median(1410), direct: [median(1000), median(1000)] },
      { target: median(720), direct: [median(300)] },
    ];
    const floor = floorOf(pairs.map(({ direct }) => direct));
    assert.deepEqual(judgeOverhead(pairs, floor, 1).p50, { value: 410, low: 385.2, high: 434.8, verdict: 'above' });
  });

  it('may be negative, is not clamped, and says below', () => {
    const pairs = [1, 2, 3].map((i) => ({ target: median(100 + i), direct: [median(300), median(301)] }));
    const { p50 } = judgeOverhead(pairs, floorOf(pairs.map(({ direct }) => direct)), 1);
    assert.equal(p50?.value, -198.5);
    assert.equal(p50?.verdict, 'below');
  });

  it('has nothing to say without direct in the same block', () => {
    assert.deepEqual(judgeOverhead([], undefined, 1), {});
    assert.deepEqual(judgeOverhead([{ target: median(5), direct: [] }], undefined, 1), {});
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
      if (Object.values(overhead).some((judged) => judged?.verdict !== 'within-noise')) different += 1;
    }
    assert.ok(different <= 3, `${different} of 60`);
  });

  it('finds a planted delay', () => {
    const random = lehmer(12);
    const trial = (medianUs: number): Distribution =>
      lognormalDistribution(random, { medianUs, sigma: 0.2, perSecond: 100, seconds: 5 });
    const pairs = Array.from({ length: 4 }, () => ({ target: trial(700), direct: [trial(500), trial(500)] }));
    const { p50 } = judgeOverhead(pairs, floorOf(pairs.map(({ direct }) => direct)), 3);
    assert.ok(p50 && p50.low < 200 && p50.high > 200 && p50.verdict === 'above', JSON.stringify(p50));
  });
});

describe('judge', () => {
  it('wants the interval beyond the floor and an effect of max(3 %, floor)', () => {
    const shift = { value: 50, low: 40, high: 60 };
    assert.equal(judge(shift, 1000, 30), 'above');
    assert.equal(judge(shift, 1000, 45), 'within-noise');
    assert.equal(judge(shift, 2000, 30), 'within-noise', 'less than 3 % of direct');
    assert.equal(judge({ value: -50, low: -60, high: -40 }, 1000, 30), 'below');
    assert.equal(judge(shift, 1000, null), 'within-noise', 'no floor, no verdict');
  });
});

describe('the noise floor', () => {
  it('is t times the root mean square of the differences, with as many degrees of freedom as pairs', () => {
    assert.equal(noiseFloorOf([]), null);
    assert.equal(noiseFloorOf([-10]), 127.06);
    assert.equal(noiseFloorOf([3, -4])?.toFixed(3), (4.303 * Math.sqrt(12.5)).toFixed(3));
  });

  it('counts only blocks with both replicas of direct', () => {
    const floor = noiseFloorAt([[median(100), median(110)], [median(100)]]);
    assert.deepEqual(floor, { p50Us: 127.1, p90Us: null, p99Us: null, pairs: 1 });
  });
});
