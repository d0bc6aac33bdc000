import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReplicaSet } from '#src/runtime/kubernetes/replica-set.js';
import type { ResourceSample, RunningService, ServiceExit } from '#src/runtime/runtime.js';

const SAMPLE: ResourceSample = {
  atMs: 5,
  cpuUs: 1000,
  memoryBytes: 7,
  memoryPeakBytes: 9,
  throttledMs: 2,
  memoryKills: 1,
  observerCpuUs: 3,
};

function replica(sample: ResourceSample | null, exited: Promise<ServiceExit> = new Promise(() => {})) {
  const running: RunningService = {
    name: 'crabllm',
    url: 'http://10.0.0.2:1',
    exited,
    sample: () => Promise.resolve(sample),
    unknown: () => [{ code: 'no-throttled', message: 'of another user' }],
    logs: () => Promise.resolve('a line'),
    stop: () => Promise.resolve(),
  };
  return { running, name: 'one', address: '10.0.0.2', url: 'http://10.0.0.2:1' };
}

const setOf = (...replicas: readonly ReturnType<typeof replica>[]): ReplicaSet =>
  new ReplicaSet((replicas[0] as ReturnType<typeof replica>).running, 'http://10.96.0.9:1', replicas);

describe('several Pods of one service', () => {
  it('use what they use together, and the highest of one is not that of all', async () => {
    const sample = await setOf(replica(SAMPLE), replica(SAMPLE)).sample('whole');
    assert.deepEqual(
      { ...sample, atMs: 0 },
      {
        atMs: 0,
        cpuUs: 2000,
        memoryBytes: 14,
        memoryPeakBytes: null,
        throttledMs: 4,
        memoryKills: 2,
        observerCpuUs: 6,
      },
    );
  });

  it('are not known where one of them is not', async () => {
    const set = setOf(replica(SAMPLE), replica(null));
    assert.equal(await set.sample('whole'), null);
    assert.equal(set.unknown().length, 1);
    const { throttledMs, cpuUs } =
      (await setOf(replica(SAMPLE), replica({ ...SAMPLE, throttledMs: null })).sample('light')) ?? {};
    assert.deepEqual([throttledMs, cpuUs], [null, 2000]);
  });

  it('have ended when one of them has', async () => {
    const exit = { exitCode: 137, signal: null, outOfMemory: true };
    assert.deepEqual(await setOf(replica(SAMPLE), replica(SAMPLE, Promise.resolve(exit))).exited, exit);
  });
});
