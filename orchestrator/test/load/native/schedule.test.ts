import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { intendedTimes } from '#src/load/native/schedule.js';

describe('the schedule', () => {
  const spec = {
    ratePerSecond: 5000,
    warmupMs: 1000,
    measureMs: 2000,
    arrivals: 'constant',
    shape: { kind: 'flat' },
    seed: 1,
  } as const;

  it('is even, and as many as the rate asks for', () => {
    const times = intendedTimes(spec);
    assert.equal(times.length, 15_000);
    assert.equal(times[0], 0);
    assert.equal(times[1], 200);
    assert.equal(times[14_999], 14_999 * 200);
  });

  it('has exactly rate × window requests in the window, for any rate', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        (rate, warm, window) => {
          const times = intendedTimes({
            ...spec,
            ratePerSecond: rate,
            warmupMs: warm * 1000,
            measureMs: window * 1000,
          });
          assert.equal(times.filter((time) => time >= warm * 1e6).length, rate * window);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('follows a ramp: the k-th request is due when the rate has added up to k', () => {
    const share = fc.double({ min: 0.001, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), share, share, (rate, from, to) => {
        const times = intendedTimes({ ...spec, ratePerSecond: rate, shape: { kind: 'ramp', from, to } });
        for (const [k, timeUs] of times.entries()) {
          const t = timeUs / 1e6;
          const inRamp = Math.max(0, t - 1);
          const due = rate * (from * t + ((to - from) / 2) * (inRamp ** 2 / 2));
          assert.ok(Math.abs(due - k) < 1e-6 * Math.max(1, k), `request ${k} at ${t} s, when ${due} were due`);
        }
        assert.ok(Math.abs(times.length - rate * (2 * from + to)) <= 1);
      }),
      { numRuns: 50 },
    );
  });

  it('takes steps of equal length, the first of which is the warm-up as well', () => {
    const times = intendedTimes({ ...spec, ratePerSecond: 1000, shape: { kind: 'steps', shares: [0.25, 1] } });
    assert.deepEqual(perSecond(times), [250, 250, 1000]);
  });

  it('draws Poisson arrivals in any shape', () => {
    const times = intendedTimes({ ...spec, arrivals: 'poisson', shape: { kind: 'steps', shares: [0.5, 1] } });
    const counts = perSecond(times);
    // Six standard deviations: not once in a lifetime, and the seed is fixed besides.
    for (const [i, expected] of [2500, 2500, 5000].entries())
      assert.ok(Math.abs((counts[i] ?? 0) - expected) < 6 * Math.sqrt(expected), `${counts[i]} of ${expected}`);
  });

  it('draws Poisson arrivals from the seed: the same again, others from another', () => {
    const poisson = { ...spec, arrivals: 'poisson' } as const;
    const times = intendedTimes(poisson);
    assert.deepEqual(intendedTimes(poisson), times);
    assert.notDeepEqual(intendedTimes({ ...poisson, seed: 2 }), times);
    const gaps = [...times].slice(1).map((time, i) => time - (times[i] as number));
    assert.ok(gaps.every((gap) => gap >= 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    // Of an exponential distribution both are 200; a sample of 15 000 is within 3 %.
    assert.ok(Math.abs(mean - 200) < 6, `mean ${mean}`);
    assert.ok(Math.abs(deviation - 200) < 8, `deviation ${deviation}`);
  });
});

function perSecond(times: Float64Array): number[] {
  return [0, 1, 2].map((second) => times.filter((time) => Math.floor(time / 1e6) === second).length);
}
