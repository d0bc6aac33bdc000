import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BenchError } from '#src/errors.js';
import { isPassing, waitBefore } from '#src/runtime/kubernetes/back-off.js';
import { connectCluster } from '#src/runtime/kubernetes/cluster.js';
import { openFake } from './support.js';

const list = { namespace: 'bench', labelSelector: 'a=b' };

test('a request is put again while the server is away, and not when it is refused', async (context) => {
  const { server, cluster } = await openFake(context);
  server.disturbances.push({ on: '/pods', by: 'reset' }, { on: '/pods', by: { status: 503 } });
  const found = await cluster.call('list', async (options) => cluster.core.listNamespacedPod(list, options));
  assert.deepEqual(found.items, []);
  server.disturbances.push({ on: '/pods', by: { status: 403, message: 'pods is forbidden' } });
  await assert.rejects(cluster.call('list', async (options) => cluster.core.listNamespacedPod(list, options)));
  assert.equal(server.requests.filter((line) => line.includes('/pods')).length, 4);
});

test('a server that is silent is waited for no longer than was said', async (context) => {
  const { server, cluster } = await openFake(context);
  server.disturbances.push(...Array.from({ length: 9 }, () => ({ on: '/pods', by: 'silent' as const })));
  const asked = cluster.call('list the Pods', async (options) => cluster.core.listNamespacedPod(list, options), {
    timeoutMs: 50,
    patienceMs: 60,
  });
  await assert.rejects(asked, (thrown) => thrown instanceof BenchError && thrown.code === 'engine-gone');
});

test('what was created, and its answer lost, is found by the next try', async (context) => {
  const { server, cluster } = await openFake(context);
  const body = { metadata: { name: 'one' }, data: { a: 'b' } };
  const create = () =>
    cluster.create(
      'create a ConfigMap',
      async (options) => cluster.core.createNamespacedConfigMap({ namespace: 'bench', body }, options),
      async (options) => cluster.core.readNamespacedConfigMap({ namespace: 'bench', name: 'one' }, options),
    );
  server.disturbances.push({ on: 'POST', by: 'reset', after: true });
  assert.equal((await create()).metadata?.uid, 'uid-1');
  // Of somebody else's of that name nobody says that it is ours.
  await assert.rejects(create());
});

test('a kubeconfig, or a context, that is not there is named', async (context) => {
  const { kubeconfig } = await openFake(context);
  const refused = async (choice: Parameters<typeof connectCluster>[0], code: string, said: RegExp): Promise<void> =>
    assert.rejects(
      connectCluster(choice),
      (thrown) => thrown instanceof BenchError && thrown.code === code && said.test(thrown.message),
    );
  await refused(
    { kubeconfig: '/nonexistent/config', context: null },
    'kubeconfig-unusable',
    /^\/nonexistent\/config cannot be used/,
  );
  await refused(
    { kubeconfig, context: 'fakee' },
    'unknown-context',
    /"fakee" is not in the kubeconfig. Did you mean "fake"/,
  );
});

test('pauses double, stay within bounds, and heed what the server asks for', () => {
  assert.deepEqual(
    [1, 2, 3, 10].map((tries) => waitBefore(tries, null, 0)),
    [250, 500, 1000, 5000],
  );
  assert.equal(waitBefore(1, 9000, 0), 9000);
  assert.equal(waitBefore(1, null, 1), 375);
  assert.deepEqual([null, 429, 500, 503, 401, 403, 404, 409, 422].map(isPassing), [
    true,
    true,
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});
