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
