import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { markMockWindow, mockHealth, mockTally } from '#src/resources/mock-health.js';

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
  const mock = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  try {
    const mark = await markMockWindow(mock);
    const whole = await mockHealth(mock, mark, null);
    assert.equal(whole?.cores.toFixed(9), '0.250000000');
    // As if a second had passed since the mark by the time of the answer, of which at most a tenth was load.
    const earlier = { ...mark, atMs: performance.now() - 1000 };
    const loaded = await mockHealth(mock, earlier, { fromMs: 0, windowFromMs: 20, windowUntilMs: 100 });
    assert.ok((loaded?.cores ?? 0) >= 2.5, `${loaded?.cores}`);
  } finally {
    server.close();
  }
});

test('several mocks give one account: what they did together, and the worst of each; none where one of them is silent', async () => {
  const accountOf = (requests: number, loopUtilization: number) => ({
    evidence: loopUtilization > 0.9 ? ['busy'] : [],
    totals: { requests: requests + 1 },
    refused: [{ method: 'GET', path: '/', status: 404, count: requests }],
    window: { requests },
    workers: [{ window: { loopUtilization, cpuUtilization: 0.25, loopDelayMs: { p99: 1 }, latenessUs: { p99: 20 } } }],
    missing: [],
    restarts: 1,
  });
  const accounts = [accountOf(5, 0.2), accountOf(7, 0.95)];
  const server = createServer((asked, response) => {
    const [, nth = ''] = /^\/(\d)\//.exec(asked.url ?? '') ?? [];
    const account = accounts[Number(nth)];
    response.writeHead(account === undefined ? 500 : 200).end(JSON.stringify(account ?? {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const mock = { url, memberUrls: [`${url}/0`, `${url}/1`] };
  try {
    const mark = await markMockWindow(mock);
    assert.deepEqual([mark.answered, mark.restarts], [true, 2]);
    const health = await mockHealth(mock, mark, null);
    assert.deepEqual(
      [health?.requests, health?.requestsOfEach, health?.loopUtilization, health?.complaints, health?.lost],
      [12, [5, 7], 0.95, ['busy'], 0],
    );
    assert.equal(health?.cores.toFixed(9), '0.500000000');
    assert.deepEqual(await mockTally(mock), {
      requests: 14,
      refused: [{ method: 'GET', path: '/', status: 404, count: 12 }],
    });
    const halfGone = { url, memberUrls: [`${url}/0`, `${url}/2`] };
    assert.equal(await mockHealth(halfGone, mark, null), null);
    assert.equal(await mockTally(halfGone), null);
  } finally {
    server.close();
  }
});
