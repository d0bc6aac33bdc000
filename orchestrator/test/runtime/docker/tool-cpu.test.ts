import assert from 'node:assert/strict';
import { test } from 'node:test';
import { followCpu, untilNextLookMs } from '#src/runtime/docker/tool-cpu.js';

/** When a tool that is busy for so long is looked at, milliseconds since its start. */
function looksOf(busyMs: number | undefined, untilMs: number): number[] {
  const looks: number[] = [];
  for (let atMs = untilNextLookMs(0, busyMs); atMs <= untilMs; atMs += untilNextLookMs(atMs, busyMs)) looks.push(atMs);
  return looks;
}

test('a tool is looked at once a second while it is busy, and closely when it may end', () => {
  assert.deepEqual(looksOf(3500, 3800), [1000, 2000, 3000, 3500, 3600, 3700, 3800]);
  assert.deepEqual(looksOf(300, 500), [300, 400, 500]);
});

test('a tool of which nobody knows when it ends is looked at closely all the time', () => {
  assert.deepEqual(looksOf(undefined, 400), [100, 200, 300, 400]);
});

test('the newest reading is kept when nothing more can be read, and nobody looks behind the stop', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const readings = [7, null];
  let [looks, closed] = [0, 0];
  const rest = { atMs: 0, memoryBytes: null, memoryPeakBytes: null, throttledMs: null };
  const sample = async () => {
    looks++;
    const cpuUs = readings.shift() ?? null;
    return cpuUs === null ? null : { ...rest, cpuUs };
  };
  const watch = followCpu({ sample, close: () => void closed++ }, undefined);
  assert.equal(watch.last(), null);
  for (let look = 0; look < 2; look++) {
    context.mock.timers.tick(100);
    // oxlint-disable-next-line no-await-in-loop -- the next look is planned when the one before has been taken
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual([looks, watch.last()], [2, 7]);
  watch.stop();
  context.mock.timers.tick(1000);
  assert.deepEqual([looks, closed], [2, 1]);
});
