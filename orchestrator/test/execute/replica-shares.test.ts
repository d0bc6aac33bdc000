import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { replicaShares } from '#src/execute/replica-shares.js';

const REPLICAS = [
  { name: 'one', address: '10.0.0.2' },
  { name: 'two', address: '10.0.0.3' },
];

async function mockThatSays(context: TestContext, status: number, body: unknown): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status).end(JSON.stringify(body)));
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('requests by replica', () => {
  it('are those that the mock saw from the address of each', async (context) => {
    const mock = await mockThatSays(context, 200, { peers: { '10.0.0.2': 900 } });
    assert.deepEqual(await replicaShares({ replicas: REPLICAS }, mock), {
      replicas: [
        { name: 'one', requests: 900 },
        { name: 'two', requests: 0 },
      ],
      warnings: [],
    });
    assert.equal(await replicaShares({}, mock), null);
  });

  it('are not guessed where a network hides who asks, or the mock does not say', async (context) => {
    const hidden = await mockThatSays(context, 200, { peers: { '10.0.0.2': 10, '192.168.0.1': 500 } });
    const seen = await replicaShares({ replicas: REPLICAS }, hidden);
    assert.deepEqual(
      seen?.replicas.map(({ requests }) => requests),
      [null, null],
    );
    assert.match(seen?.warnings[0]?.message ?? '', /500 of 510 reached the mock from 192\.168\.0\.1/);
    const old = await mockThatSays(context, 404, {});
    const unknown = await replicaShares({ replicas: REPLICAS }, old);
    assert.equal(unknown?.warnings[0]?.code, 'no-requests-by-replica');
  });
});
