import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pacerStalls, scheduleLateness } from '#src/load/oha/schedule.js';

/** A pacer that wakes half a millisecond late, and slept through some times. */
function woken(
  rate: number,
  seconds: number,
  slept: readonly (readonly [fromUs: number, untilUs: number])[],
): Float64Array {
  return Float64Array.from({ length: rate * seconds }, (_, k) => {
    const due = (k * 1e6) / rate + 500;
    return slept.find(([from, until]) => due >= from && due < until)?.[1] ?? due;
  });
}

describe('scheduleLateness', () => {
  it('is what the pacer woke late by, exactly, where every request was answered', () => {
    assert.deepEqual([...new Set([...scheduleLateness(woken(1000, 3, []), 1000)].map(Math.round))], [500]);
    const late = scheduleLateness(woken(200, 10, [[3e6, 8e6]]), 200);
    assert.equal(Math.round(late[600] as number), 5e6);
    assert.equal(Math.round(late[1599] as number), 5000);
  });

  it('is never too large where errors left rows out', () => {
    const all = woken(200, 10, [[3e6, 8e6]]);
    const truth = scheduleLateness(all, 200);
    const kept = Uint32Array.from(all.keys()).filter((k) => k % 3 !== 0);
    const late = scheduleLateness(
      Float64Array.from(kept, (k) => all[k] as number),
      200,
    );
    for (const [i, k] of kept.entries()) assert.ok((late[i] as number) <= (truth[k] as number) + 1e-3);
  });
});

describe('pacerStalls', () => {
  const stallsOf = (rate: number, slept: Parameters<typeof woken>[2]) => {
    const times = woken(rate, 10, slept);
    return pacerStalls(times, scheduleLateness(times, rate), rate);
  };

  it('finds one freeze as one, at every rate', () => {
    for (const rate of [20, 200, 2000]) {
      const [stall, ...more] = stallsOf(rate, [[3e6, 8e6]]);
      assert.deepEqual(more, []);
      assert.ok(
        stall !== undefined &&
          Math.abs(stall.fromUs - 3e6) <= 1e6 / rate &&
          Math.abs(stall.lengthUs - 5e6) <= 1e6 / rate,
      );
    }
  });

  it('finds those of 0.4 s every 2 s', () => {
    const slept = [1, 3, 5, 7].map((at) => [at * 1e6, (at + 0.4) * 1e6] as const);
    for (const rate of [20, 200, 2000]) assert.equal(stallsOf(rate, slept).length, 4, String(rate));
  });

  it('finds none where the pacer kept its schedule, or answers are missing', () => {
    assert.deepEqual(stallsOf(2000, []), []);
    const gap = woken(200, 10, []).filter((at) => at < 3e6 || at > 8e6);
    assert.deepEqual(pacerStalls(gap, scheduleLateness(gap, 200), 200), []);
  });
});
