import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { intendedTimes } from '#src/load/native/schedule.js';

describe('the schedule', () => {
  const spec = { ratePerSecond: 5000, warmupMs: 1000, measureMs: 2000, arrivals: 'constant', seed: 1 } as const;

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
