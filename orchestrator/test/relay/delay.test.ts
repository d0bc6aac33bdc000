import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delaySource } from '#src/relay/delay.js';

const COUNT = 20_000;
const draw = (source: (nowUs: number) => number): number[] =>
  Array.from({ length: COUNT }, () => source(0)).sort((a, b) => a - b);
const at = (sorted: readonly number[], p: number): number => sorted[Math.floor(p * COUNT)] ?? assert.fail();

test('a fixed delay is always the same', () => {
  const source = delaySource({ kind: 'fixed', us: 200 }, 1);
  assert.deepEqual([source(0), source(1)], [200, 200]);
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
  const [a, b, c] = [1, 1, 2].map((seed) => {
    const source = delaySource(plan, seed);
    return Array.from({ length: 10 }, () => source(0));
  });
  assert.deepEqual(a, b);
  assert.notDeepEqual(a, c);
});

test('an erratic delay stays for its time and is then another, each factor as likely', () => {
  const plan = { kind: 'erratic', leastUs: 1500, mostUs: 60_000, stayUs: 4e6 } as const;
  const source = delaySource(plan, 9);
  const stays = Array.from({ length: COUNT }, (_, i) => source(i * 4e6));
  assert.equal(source(4e6 * (COUNT - 1) + 3.999e6), stays.at(-1), 'the same until the stay is over');
  assert.equal(new Set(stays).size, COUNT);
  const sorted = stays.toSorted((a, b) => a - b);
  assert.ok(at(sorted, 0) >= 1500 && (sorted.at(-1) ?? 0) <= 60_000);
  // The median of a log-uniform law is the geometric mean of its ends; five standard errors.
  assert.ok(Math.abs(Math.log(at(sorted, 0.5) / Math.sqrt(1500 * 60_000))) < (5 * Math.log(40)) / 2 / Math.sqrt(COUNT));
});

test('a relay that is started again goes on with the stay of that time, and not with its first', () => {
  const plan = { kind: 'erratic', leastUs: 1500, mostUs: 60_000, stayUs: 4e6 } as const;
  const [first, again] = [delaySource(plan, 9), delaySource(plan, 9)];
  assert.notEqual(again(80e6), first(0));
  assert.equal(again(80e6), first(80e6));
});
