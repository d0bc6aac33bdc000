import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSampling, summarise } from '#src/resources/sampling.js';
import type { RunningService } from '#src/runtime/runtime.js';

const row = (
  atMs: number,
  memoryBytes: number | null,
  cpuUs: number | null,
  memoryPeakBytes: number | null = null,
) => ({
  sinceStartMs: atMs,
  sample: { atMs, memoryBytes, cpuUs, memoryPeakBytes, throttledMs: null },
});

test('memory is the highest seen, not the last', () => {
  const record = summarise([row(0, 10, 0), row(100, 50, 0), row(200, 20, 0)], 1);
  assert.equal(record.memoryPeakBytes, 50);
  assert.equal(record.memoryStartBytes, 10);
  assert.equal(record.memoryEndBytes, 20);
});

test('the kernel’s peak counts only when it rose during the trial', () => {
  assert.equal(summarise([row(0, 10, 0, 90), row(200, 20, 0, 90)], 1).memoryPeakBytes, 20);
  assert.equal(summarise([row(0, 10, 0, 90), row(200, 20, 0, 95)], 1).memoryPeakBytes, 95);
});

test('CPU is the difference, over the time between the samples', () => {
  const { cpuUs, cpuWindowMs } = summarise([row(0, 1, 1000), row(2000, 1, 5000)], 0.5);
  assert.deepEqual([cpuUs, cpuWindowMs], [4000, 2000]);
});

test('what is not known stays null and never becomes 0', () => {
  assert.deepEqual(summarise([], 1), {
    memoryPeakBytes: null,
    memoryStartBytes: null,
    memoryEndBytes: null,
    cpuUs: null,
    cpuWindowMs: null,
    throttledMs: null,
    series: [],
  });
  assert.equal(summarise([row(0, null, null), row(100, null, null)], 1).cpuUs, null);
});

test('a sampler that fails is told of when the sampling is finished, and ends nothing before', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  const service = { sample: () => Promise.reject(new Error('no cgroup')) } as unknown as RunningService;
  const sampling = startSampling(service);
  // Unhandled rejections are told of behind the microtasks of a turn.
  await new Promise((resolve) => setImmediate(resolve));
  await assert.rejects(sampling.finish(1), /no cgroup/);
  process.off('unhandledRejection', note);
  assert.deepEqual(unhandled, []);
});
