import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Deployed } from '#src/runtime/kubernetes/deployed.js';
import type { FakeApiServer } from './fake-api-server.js';
import { openFake } from './support.js';

const WHICH = { namespace: 'gateways', selector: 'app=litellm' };
const METRICS = '/apis/metrics.k8s.io/v1beta1/namespaces/gateways/pods';

function put(server: FakeApiServer, name: string, { restartCount = 0, ready = 'True', ended = '' } = {}): void {
  const lastState = ended === '' ? {} : { terminated: { reason: ended } };
  server.objects.set(`gateways:pods/${name}`, {
    metadata: { name, uid: `uid-${name}`, labels: { app: 'litellm' } },
    status: {
      conditions: [{ type: 'Ready', status: ready }],
      containerStatuses: [{ name: 'x', restartCount, lastState }],
    },
  });
}

describe('Pods that somebody else has deployed', () => {
  it('are the same target as long as none comes, goes, restarts or stops to be ready', async (context) => {
    const { server, cluster } = await openFake(context);
    put(server, 'a');
    put(server, 'b');
    const deployed = new Deployed(cluster, WHICH);
    const changed = async (): Promise<string | null> => (await deployed.changed())?.message ?? null;
    assert.equal(await changed(), null);
    assert.equal(await changed(), null);
    put(server, 'c');
    assert.match((await changed()) ?? '', /changed during the trial \(3 now\): c came/);
    put(server, 'a', { restartCount: 1 });
    assert.match((await changed()) ?? '', /: a was restarted$/);
    put(server, 'a', { restartCount: 2, ended: 'OOMKilled' });
    assert.match((await changed()) ?? '', /: a was restarted \(OOMKilled\)$/);
    put(server, 'b', { ready: 'False' });
    assert.match((await changed()) ?? '', /: b is not ready any more/);
    server.objects.delete('gateways:pods/b');
    put(server, 'd');
    assert.match((await changed()) ?? '', /: b went; d came/);
    assert.equal((await deployed.changed())?.code, undefined);
    assert.equal(deployed.unknown().length, 0);
  });

  it('that cannot be seen void nothing, and the reason is told', async (context) => {
    const { server, cluster } = await openFake(context);
    const deployed = new Deployed(cluster, WHICH);
    assert.equal(await deployed.changed(), null);
    assert.match(deployed.unknown()[0]?.message ?? '', /no Pod in gateways has app=litellm/);
    server.disturbances.push({ on: '/pods', by: { status: 403, message: 'pods is forbidden' } });
    assert.equal(await deployed.changed(), null);
    assert.match(deployed.unknown()[0]?.message ?? '', /pods is forbidden/);
  });

  it('have their memory from the metrics API where there is one, and the rest is named', async (context) => {
    const { server, cluster } = await openFake(context);
    const deployed = new Deployed(cluster, WHICH);
    const usage = (memory: string) => ({ containers: [{ name: 'x', usage: { cpu: '12m', memory } }] });
    server.raw.set(METRICS, { items: [usage('100Mi'), usage('1Gi')] });
    assert.equal((await deployed.sample('whole'))?.memoryBytes, 1124 * 2 ** 20);
    assert.equal(await deployed.sample('light'), null);
    assert.deepEqual(
      deployed.unknown().map(({ code }) => code),
      ['no-cpu'],
    );
    server.disturbances.push({ on: METRICS, by: { status: 404, message: 'not found' } });
    assert.equal(await deployed.sample('whole'), null);
    assert.match(deployed.unknown().find(({ code }) => code === 'no-memory')?.message ?? '', /no metrics API/);
  });
});
