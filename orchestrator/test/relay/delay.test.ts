import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delaySource } from '#src/relay/delay.js';

const COUNT = 20_000;
const draw = (source: () => number): number[] => Array.from({ length: COUNT }, source).sort((a, b) => a - b);
const at = (sorted: readonly number[], p: number): number => sorted[Math.floor(p * COUNT)] ?? assert.fail();

test('a fixed delay is always the same', () => {
  const source = delaySource({ kind: 'fixed', us: 200 }, 1);
  assert.deepEqual([source(), source()], [200, 200]);
});

test('a lognormal delay has its median and the 90th percentile of its sigma', () => {
  const sorted = draw(delaySource({ kind: 'lognormal', medianUs: 1000, sigma: 0.6 }, 3));
  // Five standard errors of each.
  assert.ok(Math.abs(at(sorted, 0.5) / 1000 - 1) < 0.03);
  assert.ok(Math.abs(at(sorted, 0.9) / (1000 * Math.exp(0.6 * 1.28155)) - 1) < 0.05);
});

test('spikes take their share and leave the others alone', () => {
  const sorted = draw(delaySource({ kind: 'spikes', share: 0.01, us: 50_000 }, 5));
  const spikes = sorted.filter((us) => us === 50_000).length;
  assert.ok(Math.abs(spikes - 200) < 5 * Math.sqrt(200));
  assert.equal(sorted.filter((us) => us === 0).length, COUNT - spikes);
});

test('one seed gives one sequence, another another', () => {
  const plan = { kind: 'lognormal', medianUs: 1000, sigma: 0.6 } as const;
  const [a, b, c] = [1, 1, 2].map((seed) => Array.from({ length: 10 }, delaySource(plan, seed)));
  assert.deepEqual(a, b);
  assert.notDeepEqual(a, c);
});
