import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Wheel, type Timed } from '#src/stream/wheel.js';

/** Waits for these durations on one wheel; resolves with each one's time of firing against its due time, in order of firing. */
function fireAll(wheel: Wheel, durationsMs: readonly number[]): Promise<{ index: number; lateMs: number }[]> {
  const fired: { index: number; lateMs: number }[] = [];
  return new Promise((resolve) => {
    durationsMs.forEach((durationMs, index) => {
      const entry: Timed = {
        dueMs: performance.now() + durationMs,
        fire(nowMs) {
          fired.push({ index, lateMs: nowMs - this.dueMs });
          if (fired.length === durationsMs.length) resolve(fired);
        },
      };
      wheel.add(entry);
    });
  });
}

describe('the wheel', () => {
  it('fires everything once, nothing early, in the order of time', async () => {
    const wheel = new Wheel();
    const durations = Array.from({ length: 300 }, (_, i) => (i * 37) % 101);
    const fired = await fireAll(wheel, durations);
    assert.equal(new Set(fired.map(({ index }) => index)).size, 300);
    assert.equal(wheel.waiting, 0);
    for (const { lateMs } of fired) assert.ok(lateMs >= 0, `${-lateMs} ms early`);
    const order = fired.map(({ index }) => durations[index] as number);
    // Equal milliseconds fire together, in the order they were added.
    for (let i = 1; i < order.length; i++) assert.ok((order[i] as number) >= (order[i - 1] as number) - 1);
  });

  it('waits more than a turn of its slots', async () => {
    const fired = await fireAll(new Wheel(), [1100, 30]);
    assert.deepEqual(
      fired.map(({ index }) => index),
      [1, 0],
    );
    for (const { lateMs } of fired) assert.ok(lateMs >= 0);
  });

  it('takes what is added while it fires', async () => {
    const wheel = new Wheel();
    let left = 20;
    await new Promise<void>((resolve) => {
      const entry: Timed = {
        dueMs: performance.now(),
        fire() {
          this.dueMs += 0.4;
          if (--left > 0) wheel.add(this);
          else resolve();
        },
      };
      wheel.add(entry);
    });
    assert.equal(wheel.waiting, 0);
  });

  it('catches up with what is overdue while something else keeps the event loop', async (t) => {
    const wheel = new Wheel();
    const order: string[] = [];
    let nowMs = performance.now();
    t.mock.method(performance, 'now', () => nowMs);
    wheel.add({ dueMs: nowMs + 2, fire: () => void order.push('entry') });
    wheel.catchUp();
    order.push('too early to catch up');
    nowMs += 5;
    wheel.catchUp();
    order.push('end of the work');
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(order, ['too early to catch up', 'entry', 'end of the work']);
    assert.equal(wheel.waiting, 0);
  });

  it('tells entries within a millisecond apart', async () => {
    const wheel = new Wheel();
    const dueMs = Math.ceil(performance.now()) + 1;
    const late: number[] = [];
    await new Promise<void>((resolve) => {
      wheel.add({
        dueMs: dueMs + 0.9,
        fire: (nowMs) => {
          late.push(nowMs - dueMs - 0.9);
          resolve();
        },
      });
      wheel.add({ dueMs, fire: (nowMs) => void late.push(nowMs - dueMs) });
    });
    assert.equal(late.length, 2);
    for (const ms of late) assert.ok(ms >= 0, `${-ms} ms early`);
  });
});
