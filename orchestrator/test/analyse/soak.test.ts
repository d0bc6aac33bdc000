import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growthOf } from '#src/analyse/soak.js';
import { lehmer, normal } from './synthetic-run.js';

const MIB = 1024 ** 2;

/** Memory over ten minutes, five samples a second: a slope, the teeth of a collector, and slow wandering. */
function soak(seed: number, mibPerHour: number): [number, number][] {
  const random = lehmer(seed);
  let wander = 0;
  return Array.from({ length: 3000 }, (_, i) => {
    wander = 0.995 * wander + 0.04 * normal(random);
    const hours = (i * 200) / 3_600_000;
    return [i * 200, (100 + mibPerHour * hours + 8 * ((i % 37) / 37) + wander) * MIB];
  });
}

test('a leak is found with its size, within its interval', () => {
  const growth = growthOf(soak(1, 60));
  assert.equal(growth?.verdict, 'grows');
  assert.ok(
    (growth?.bytesPerHour?.low ?? 0) < 60 * MIB && (growth?.bytesPerHour?.high ?? 0) > 60 * MIB,
    JSON.stringify(growth),
  );
});

test('what does not grow is hardly ever said to, and the interval covers the truth', () => {
  let [told, covered] = [0, 0];
  const runs = 200;
  for (let seed = 1; seed <= runs; seed += 1) {
    const growth = growthOf(soak(seed * 7919, 0));
    if (growth?.verdict !== 'no-growth-told') told += 1;
    const slope = growth?.bytesPerHour ?? null;
    if (slope !== null && slope.low <= 0 && slope.high >= 0) covered += 1;
  }
  assert.ok(told / runs <= 0.07, `${told} told of ${runs}`);
  assert.ok(covered / runs >= 0.93, `${covered} covered of ${runs}`);
});

test('pools that fill at the beginning are no growth', () => {
  const filling = soak(3, 0).map(([at, bytes], i): [number, number] => [
    at,
    bytes - (i < 500 ? (500 - i) * 0.1 * MIB : 0),
  ]);
  assert.equal(growthOf(filling)?.verdict, 'no-growth-told');
});

test('no hour is told from less than five minutes, however steep it looks', () => {
  const short = growthOf(soak(1, 6000).slice(0, 1400));
  assert.deepEqual([short?.verdict, short?.bytesPerHour], ['too-short', null]);
  assert.ok((short?.endBytes ?? 0) > (short?.startBytes ?? 0), 'what was seen is told all the same');
  assert.notEqual(growthOf(soak(1, 6000).slice(0, 1501))?.bytesPerHour, null);
});

test('too few samples say nothing', () => {
  assert.equal(growthOf(soak(1, 60).slice(0, 15)), null);
  assert.equal(growthOf([]), null);
});
