import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { mockShares, replicaShares } from '#src/execute/replica-shares.js';
import type { MockAddress } from '#src/resources/mock-address.js';

const REPLICAS = [
  { name: 'one', address: '10.0.0.2' },
  { name: 'two', address: '10.0.0.3' },
];

async function mockThatSays(context: TestContext, status: number, body: unknown): Promise<MockAddress> {
  const server = createServer((_, response) => response.writeHead(status).end(JSON.stringify(body)));
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
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

  it('are added up over several mocks', async (context) => {
    const [one, other] = [
      await mockThatSays(context, 200, { peers: { '10.0.0.2': 900, '10.0.0.3': 1 } }),
      await mockThatSays(context, 200, { peers: { '10.0.0.3': 50 } }),
    ];
    const shares = await replicaShares({ replicas: REPLICAS }, { ...one, memberUrls: [one.url, other.url] });
    assert.deepEqual(
      shares?.replicas.map(({ requests }) => requests),
      [900, 51],
    );
  });

  it('are of each mock what it says itself, and not known where it says nothing', () => {
    assert.deepEqual(mockShares({ replicas: REPLICAS }, { requestsOfEach: [3, 4] }), [
      { name: 'one', requests: 3 },
      { name: 'two', requests: 4 },
    ]);
    assert.deepEqual(mockShares({ replicas: REPLICAS.slice(0, 1) }, null), [{ name: 'one', requests: null }]);
    assert.equal(mockShares({}, { requestsOfEach: [3] }), null);
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
