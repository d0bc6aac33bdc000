import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BenchError } from '#src/errors.js';
import { lookAround } from '#src/runtime/kubernetes/look-around.js';
import type { FakeApiServer } from './fake-api-server.js';
import { openFake } from './support.js';

function putNode(server: FakeApiServer, name: string, labels: Record<string, string> = {}): void {
  server.objects.set(`nodes/${name}`, {
    metadata: { name, labels },
    status: {
      allocatable: { cpu: '4', memory: '8Gi' },
      conditions: [{ type: 'Ready', status: 'True' }],
      images: [{ names: [`docker.io/library/of-${name}:1`] }],
    },
  });
}

function putPod(server: FakeApiServer, namespace: string, run: string, node: string, phase = 'Running'): void {
  const name = `pod-${node}-${phase}`;
  server.objects.set(`${namespace}:pods/${name}`, {
    metadata: { name, namespace, labels: { 'crabllm-bench/run': run } },
    spec: { nodeName: node },
    status: { phase },
  });
}

describe('a cluster before a run', () => {
  it('has other nodes for a second run where there are enough, and says which the first has', async (context) => {
    const { server, cluster } = await openFake(context);
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) putNode(server, name);
    for (const name of ['a', 'b', 'c']) putPod(server, 'others', 'first', name);
    putPod(server, 'others', 'over', 'd', 'Succeeded');
    const { places, beside, images } = await lookAround(cluster, { agents: 1 }, 'bench');
    assert.deepEqual([...Object.values(places.nodes), places.orchestrator].toSorted(), ['d', 'e', 'f', 'g']);
    assert.deepEqual(beside, ['another run measures in others (first), on a, b, c; this one has other nodes']);
    assert.deepEqual(images['d'], ['docker.io/library/of-d:1']);
  });

  it('says loudly which nodes two runs share, where labels or their number leave no choice', async (context) => {
    const { server, cluster } = await openFake(context);
    putNode(server, 'a', { 'bench.role': 'mock' });
    putNode(server, 'b', { 'bench.role': 'gateway' });
    putNode(server, 'c', { 'bench.role': 'driver' });
    putNode(server, 'd', { 'bench.role': 'driver' });
    for (const name of ['b', 'c']) putPod(server, 'others', 'first', name);
    const { places, beside } = await lookAround(cluster, { agents: 2 }, 'bench');
    assert.deepEqual([places.nodes.driver, places.drivers], ['d', ['d', 'c']]);
    assert.deepEqual(beside, [
      'ANOTHER RUN MEASURES in others (first), on b, c; of this one gateway on b, agents on c: both take time from each other there; wait for its end, or label other nodes bench.role',
    ]);
  });

  it('names the orchestrator as well where it alone shares a node', async (context) => {
    const { server, cluster } = await openFake(context);
    for (const name of ['a', 'b', 'c']) putNode(server, name);
    putNode(server, 'd', { 'bench.role': 'orchestrator' });
    putPod(server, 'others', 'first', 'd');
    const { beside } = await lookAround(cluster, { agents: 1 }, 'bench');
    assert.match(beside.join(), /^ANOTHER RUN MEASURES in others \(first\), on d; of this one orchestrator on d: /);
  });

  it('is no reason to go elsewhere where the other run is of the same namespace, whose end is waited for', async (context) => {
    const { server, cluster } = await openFake(context);
    for (const name of ['a', 'b', 'c']) putNode(server, name);
    putPod(server, 'others', 'first', 'a');
    const { places, beside } = await lookAround(cluster, { agents: 1 }, 'others');
    assert.deepEqual([places.nodes.gateway, beside], ['a', []]);
  });

  it('is used as it is where this account may not see other runs, and that is said', async (context) => {
    const { server, cluster } = await openFake(context);
    for (const name of ['a', 'b', 'c']) putNode(server, name);
    server.disturbances.push({ on: 'GET /api/v1/pods', by: { status: 403, message: 'pods is forbidden' } });
    const { beside } = await lookAround(cluster, { agents: 1 }, 'bench');
    assert.match(beside.join(), /^whether a run measures in another namespace is not known: .*runs-reader\.yaml/);
  });

  it('without a node that could be used is refused, with why of each', async (context) => {
    const { server, cluster } = await openFake(context);
    putNode(server, 'a');
    const spec = { unschedulable: true };
    server.objects.set('nodes/a', { ...(server.objects.get('nodes/a') ?? assert.fail()), spec });
    await assert.rejects(
      lookAround(cluster, { agents: 1 }, 'bench'),
      (thrown) => thrown instanceof BenchError && thrown.code === 'no-node' && /a: it is cordoned/.test(thrown.message),
    );
  });
});
