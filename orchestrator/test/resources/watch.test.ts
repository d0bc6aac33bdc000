import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startWatch } from '#src/resources/watch.js';

/** Unhandled rejections are told of behind the microtasks of a turn. */
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

it('looks at the start and at the stop, however long the interval', async () => {
  let looks = 0;
  const watch = startWatch(3_600_000, () => Promise.resolve(void looks++));
  assert.equal(looks, 1);
  await watch.stop();
  assert.equal(looks, 2);
});

it('looks again and again, one look at a time', async () => {
  let [looks, open, most] = [0, 0, 0];
  let enough = (): void => {};
  const fiveLooks = new Promise<void>((resolve) => {
    enough = resolve;
  });
  const watch = startWatch(1, async () => {
    most = Math.max(most, ++open);
    await nextTurn();
    open--;
    if (++looks === 5) enough();
  });
  await fiveLooks;
  await watch.stop();
  assert.equal(most, 1);
});

it('a look that fails is told of at the stop, and ends nothing before', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  const watch = startWatch(1, () => Promise.reject(new Error('no cgroup')));
  await nextTurn();
  await assert.rejects(watch.stop(), /no cgroup/);
  process.off('unhandledRejection', note);
  assert.deepEqual(unhandled, []);
});

it('follows the moments that it is told, without waiting for the interval, and looks no more behind them', async () => {
  let looks = 0;
  let enough = (): void => {};
  const twoMore = new Promise<void>((resolve) => {
    enough = resolve;
  });
  const watch = startWatch(3_600_000, async () => {
    if (++looks === 3) enough();
  });
  const nowMs = performance.now();
  watch.follow([nowMs + 2, nowMs + 4]);
  await Promise.race([twoMore, new Promise((resolve) => setTimeout(resolve, 50))]);
  // A busy machine may have missed one of the two, and made one of both.
  const followed = looks;
  assert.ok(followed >= 2 && followed <= 3, String(followed));
  await nextTurn();
  await watch.stop();
  assert.equal(looks, followed + 1);
});

it('moments that are gone by are one look', async () => {
  let looks = 0;
  let enough = (): void => {};
  const one = new Promise<void>((resolve) => {
    enough = resolve;
  });
  const watch = startWatch(3_600_000, async () => {
    if (++looks === 2) enough();
  });
  watch.follow([0, 1, 2]);
  await one;
  for (let turn = 0; turn < 5; turn++) await nextTurn();
  await watch.stop();
  assert.equal(looks, 3);
});
