import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AgentRoom } from '#src/agent/room.js';
import { runAgent } from '#src/agent/run-agent.js';
import { agentOptions, never, otherHost } from './meet.js';

test('a watch elsewhere is a series on the orchestrator’s clock, whole at both ends, and names what it could not see', async () => {
  const room = await AgentRoom.open();
  const made = { aheadUs: -5e6, domain: otherHost('other') };
  const agent = runAgent({ ...agentOptions(room, 0, made), duty: 'watch' }, never());
  try {
    await room.gather('watch', 1, 60_000, never());
    const fromMs = performance.now();
    const watch = await room.watch(0, { of: 'process', pid: process.pid }, 20);
    const begunMs = performance.now();
    const { rows, boundUs, host, unknown, samplingUs } = await watch.finish();
    const untilMs = performance.now();
    assert.ok(rows.length >= 2);
    const slackMs = boundUs / 1000 + 0.01;
    for (const { knownAtMs } of rows) assert.ok(knownAtMs > fromMs - slackMs && knownAtMs < untilMs + slackMs);
    assert.ok((rows[0]?.knownAtMs ?? 0) < begunMs + slackMs, 'the first look is taken before the load may begin');
    if (process.platform === 'linux') {
      assert.ok((rows[0]?.sample.memoryBytes ?? 0) > 0 && (rows.at(-1)?.sample.memoryBytes ?? 0) > 0);
      assert.ok((rows.at(-1)?.sample.cpuUs ?? 0) >= (rows[0]?.sample.cpuUs ?? 0));
    }
    assert.ok(host.cpus > 0 && samplingUs > 0);
    assert.deepEqual(
      unknown.map(({ code }) => code),
      ['no-throttled'],
    );
  } finally {
    await room.close();
    await agent;
  }
});

test('a watch whose agent has gone, or has never come, says so', async () => {
  const room = await AgentRoom.open();
  const end = new AbortController();
  const agent = runAgent({ ...agentOptions(room, 0), duty: 'watch' }, end.signal).catch(() => {});
  try {
    await assert.rejects(room.watch(7, { of: 'machine' }, 20), {
      code: 'agent-missing',
      message: 'agent watch/7 has never come',
    });
    await room.gather('watch', 1, 60_000, never());
    const watch = await room.watch(0, { of: 'machine' }, 20);
    end.abort();
    await agent;
    await assert.rejects(watch.finish(), { code: 'agent-lost' });
  } finally {
    await room.close();
  }
});
