import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { markMockWindow, mockHealth } from '#src/resources/mock-health.js';

test('the mock’s CPU is of the load, whatever else was waited for since the mark', async () => {
  const idle = { loopUtilization: 0.1, loopDelayMs: { p99: 1 }, latenessUs: { p99: 20 } };
  const health = {
    evidence: [],
    window: { requests: 5 },
    workers: [0.1, 0.15].map((cpuUtilization) => ({ window: { ...idle, cpuUtilization } })),
    missing: [],
    restarts: 0,
  };
  const server = createServer((_, response) => void response.end(JSON.stringify(health))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const mark = await markMockWindow(url);
    const whole = await mockHealth(url, mark, null);
    assert.equal(whole?.cores.toFixed(9), '0.250000000');
    // As if a second had passed since the mark by the time of the answer, of which at most a tenth was load.
    const earlier = { ...mark, atMs: performance.now() - 1000 };
    const loaded = await mockHealth(url, earlier, { fromMs: 0, windowFromMs: 20, windowUntilMs: 100 });
    assert.ok((loaded?.cores ?? 0) >= 2.5, `${loaded?.cores}`);
  } finally {
    server.close();
  }
});
