import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cutWindow } from '#src/resources/load-span.js';
import { lookIntervalMs, momentsIn, startWatching } from '#src/resources/watching.js';
import type { ResourceSample, RunningService, SampleDepth } from '#src/runtime/runtime.js';

function serviceOf(name: string, depths: string[], next: () => number = () => 0): RunningService {
  return {
    name,
    url: 'http://127.0.0.1:1',
    exited: new Promise(() => {}),
    sample: async (depth: SampleDepth): Promise<ResourceSample> => {
      depths.push(`${name} ${depth}`);
      return {
        atMs: performance.now(),
        cpuUs: next(),
        memoryBytes: next(),
        memoryPeakBytes: null,
        throttledMs: null,
      };
    },
    logs: async () => '',
    stop: async () => {},
  };
}

test('looks lie far enough apart to cost little, and close enough to cover more than half a window', () => {
  assert.deepEqual([700, 2000, 3500, 60_000].map(lookIntervalMs).map(Math.round), [250, 571, 1000, 1000]);
  fc.assert(
    fc.property(
      fc.integer({ min: 850, max: 60_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      // A look is woken late, and takes a while.
      fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 300, maxLength: 300 }),
      (windowMs, phase, lateMs) => {
        const intervalMs = lookIntervalMs(windowMs);
        const looks: { atMs: number }[] = [];
        let atMs = 5000 - phase * intervalMs;
        for (const late of lateMs) {
          looks.push({ atMs });
          atMs += intervalMs + late;
        }
        const span = { fromMs: 0, windowFromMs: 5000, windowUntilMs: 5000 + windowMs };
        assert.notEqual(cutWindow(looks, span), null);
      },
    ),
  );
});

test('one look reads all services and the host; whole samples are taken before and behind', async () => {
  const depths: string[] = [];
  let counted = 0;
  const services = ['gateway', 'its-cache'].map((name) => serviceOf(name, depths, () => (counted += 1)));
  const watching = await startWatching(services, { hostCpus: 2, windowMs: 3_600_000 });
  const { resources, host } = await watching.finish(null);
  assert.deepEqual(depths, [
    'gateway whole',
    'its-cache whole',
    'gateway light',
    'its-cache light',
    'gateway light',
    'its-cache light',
    'gateway whole',
    'its-cache whole',
  ]);
  assert.equal(resources.length, 2);
  assert.deepEqual(
    resources.map(({ series }) => series.length),
    [4, 4],
  );
  assert.equal(typeof host?.cpus, 'number');
});

test('where the host is not this one it is not looked at', async () => {
  const watching = await startWatching([serviceOf('gateway', [])], { hostCpus: null, windowMs: 1000 });
  assert.equal((await watching.finish(null)).host, null);
});

test('told when the window begins, it looks at its edges and about once a second between them', () => {
  assert.deepEqual(momentsIn(1000, 3040), [1020, 2020, 3020, 4020]);
  assert.deepEqual(momentsIn(1000, 340), [1020, 1320]);
  assert.equal(momentsIn(0, 600_000).length, 601);
});
