import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleFromStats } from '#src/runtime/docker/engine-stats.js';
import { FakeEngine } from './fake-engine.js';
import { calm, connectTo, gateway } from './support.js';

/** The parts that matter of an answer of Engine 28 on cgroup v2. */
const V2 = {
  read: '2025-08-01T12:00:00.123456789Z',
  preread: '0001-01-01T00:00:00Z',
  pids_stats: { current: 3, limit: 18446744073709552000 },
  cpu_stats: {
    cpu_usage: { total_usage: 1_500_000, usage_in_kernelmode: 500_000, usage_in_usermode: 1_000_000 },
    system_cpu_usage: 51_000_000_000,
    online_cpus: 4,
    throttling_data: { periods: 10, throttled_periods: 2, throttled_time: 2_500_000 },
  },
  precpu_stats: {
    cpu_usage: { total_usage: 0 },
    throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
  },
  memory_stats: {
    usage: 1000,
    stats: { anon: 600, file: 400, inactive_file: 300, active_file: 100 },
    limit: 536_870_912,
  },
  name: '/crabllm-bench-crabllm-1',
};
/** The same of Engine 20.10 on cgroup v1. */
const V1 = {
  ...V2,
  memory_stats: {
    usage: 1000,
    max_usage: 5000,
    stats: { inactive_file: 1, total_inactive_file: 300 },
    limit: 536_870_912,
  },
};
/** What the engine answers for a container that has ended. */
const ENDED = { read: '0001-01-01T00:00:00Z', cpu_stats: { cpu_usage: { total_usage: 0 } }, memory_stats: {} };

const at = Date.parse('2025-08-01T12:00:00Z') + 123.456789;

test('stats of cgroup v2 have no peak, those of v1 have', () => {
  const sample = sampleFromStats(V2);
  assert.ok(sample && Math.abs(sample.atMs - at) < 0.01);
  const rest = { cpuUs: 1500, memoryBytes: 700, throttledMs: 2.5 };
  assert.deepEqual(sample, { atMs: sample.atMs, memoryPeakBytes: null, ...rest });
  assert.deepEqual(sampleFromStats(V1), { atMs: sample.atMs, memoryPeakBytes: 5000, ...rest });
});

test('stats of an ended container and nonsense are no sample', () => {
  assert.equal(sampleFromStats(ENDED), null);
  assert.equal(sampleFromStats(null), null);
  assert.equal(sampleFromStats({ read: 'yesterday' }), null);
});

test('Engine 25 and newer is asked for one sample at a time; overlapping calls share an answer', async () => {
  await using engine = await FakeEngine.start();
  engine.stats = [V2];
  const running = await (await connectTo(engine)).start(gateway(), calm);
  const [first, second] = await Promise.all([running.sample('whole'), running.sample('whole')]);
  assert.equal(first?.cpuUs, 1500);
  assert.equal(first, second);
  const asked = engine.calls.filter(({ path }) => path.endsWith('/stats'));
  assert.equal(asked.length, 1);
  assert.equal(asked[0]?.query.get('one-shot'), 'true');
  await running.stop();
});

test('an older engine is listened to, and the newest sample handed out at once', async () => {
  await using engine = await FakeEngine.start();
  engine.version = { Version: '20.10.24+dfsg1', ApiVersion: '1.41' };
  engine.stats = [ENDED, V2];
  const running = await (await connectTo(engine)).start(gateway(), calm);
  while ((await running.sample('whole')) === null);
  assert.equal((await running.sample('whole'))?.cpuUs, 1500);
  assert.equal(engine.calls.filter(({ path }) => path.endsWith('/stats')).length, 1);
  await running.stop();
});

test('Podman’s stats have no parts: its usage counts as it is, and a limit is not taken for a peak', () => {
  const of = (memory_stats: unknown) =>
    sampleFromStats({ read: '2026-01-02T03:04:05.5Z', cpu_stats: { cpu_usage: { total_usage: 5000 } }, memory_stats });
  assert.deepEqual(of({ usage: 700, max_usage: 4096, limit: 4096 }), {
    atMs: Date.parse('2026-01-02T03:04:05.5Z'),
    cpuUs: 5,
    memoryBytes: 700,
    memoryPeakBytes: null,
    throttledMs: null,
  });
  assert.equal(of({ usage: 700, max_usage: 0, limit: 4096, stats: null })?.memoryPeakBytes, null);
  assert.equal(of({ usage: 700, max_usage: 900, limit: 4096 })?.memoryPeakBytes, 900);
});
