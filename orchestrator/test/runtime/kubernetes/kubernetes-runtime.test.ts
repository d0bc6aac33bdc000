import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { BenchError } from '#src/errors.js';
import { KubernetesRuntime } from '#src/runtime/kubernetes/kubernetes-runtime.js';
import type { FakeApiServer } from './fake-api-server.js';
import { MANNER, openFake, PLACE, runningStatus, runPods, serviceOf } from './support.js';

const NEVER = new AbortController().signal;
const FACTS = {
  version: 'v1.34.0',
  software: { gateway: 'kernel 6' },
  cpus: { gateway: 4, mock: 2 },
  cpuManager: { policy: 'none' },
  images: ['docker.io/library/crabllm-bench-portkey:1.15.2'],
};
const MOCK = serviceOf({
  name: 'mock',
  role: 'mock',
  image: 'crabllm-bench:0.1.0',
  command: ['mock', '--host', '127.0.0.1', '--port', '9999'],
  port: 9999,
});

async function runtimeOf(
  context: TestContext,
): Promise<{ readonly server: FakeApiServer; readonly runtime: KubernetesRuntime }> {
  const { server, cluster } = await openFake(context);
  const runtime = new KubernetesRuntime(cluster, MANNER, PLACE, FACTS);
  context.after(() => runtime.close());
  return { server, runtime };
}

/** To every Service, as the API server does. */
function giveClusterAddress(server: FakeApiServer): void {
  const made = server.onCreate;
  server.onCreate = (kind, object) => {
    made(kind, object);
    if (kind === 'services') object['spec'] = { ...(object['spec'] as object), clusterIP: '10.96.0.9' };
  };
}

describe('the runtime kubernetes', () => {
  it('tells a gateway where the mock is, in its files, its words and the headers of its requests', async (context) => {
    const { server, runtime } = await runtimeOf(context);
    runPods(server);
    const directory = mkdtempSync(join(tmpdir(), 'kube-test-'));
    context.after(() => rmSync(directory, { recursive: true, force: true }));
    const path = join(directory, 'x.toml');
    writeFileSync(path, 'listen = "127.0.0.1:6666"\nbase_url = "http://127.0.0.1:9999/v1"\n', { mode: 0o644 });
    const mock = await runtime.start(MOCK, NEVER);
    assert.equal(mock.url, 'http://10.0.0.2:9999');
    const gateway = await runtime.start(
      serviceOf({
        command: ['--up', 'http://127.0.0.1:9999'],
        headers: { 'x-portkey-custom-host': 'http://127.0.0.1:9999/v1' },
        mounts: [{ hostPath: path, containerPath: '/app/x.toml' }],
      }),
      NEVER,
    );
    assert.equal(gateway.url, 'http://10.0.0.3:6666');
    assert.deepEqual(gateway.headers, { 'x-portkey-custom-host': 'http://10.0.0.2:9999/v1' });
    const [, config] = [...server.objects].find(([key]) => key.startsWith('configmaps/')) ?? assert.fail();
    const data = config['binaryData'] as Record<string, string>;
    assert.equal(
      Buffer.from(data['file-0'] ?? '', 'base64').toString(),
      'listen = "0.0.0.0:6666"\nbase_url = "http://10.0.0.2:9999/v1"\n',
    );
    const pods = [...server.objects]
      .filter(([key]) => key.startsWith('pods/'))
      .map(([, pod]) => JSON.stringify(pod['spec']));
    assert.match(pods[0] ?? '', /"args":\["mock","--host","0\.0\.0\.0","--port","9999","--control","token"\]/);
    assert.match(pods[1] ?? '', /"args":\["--up","http:\/\/10\.0\.0\.2:9999"\]/);
    await gateway.stop();
    await mock.stop();
    assert.deepEqual(server.names, []);
  });

  it('puts several of one behind a Service, and takes all away with the one that fails', async (context) => {
    const { server, cluster } = await openFake(context);
    const runtime = new KubernetesRuntime(cluster, { ...MANNER, network: 'service' }, PLACE, FACTS);
    context.after(() => runtime.close());
    runPods(server);
    giveClusterAddress(server);
    const set = await runtime.start(serviceOf({ name: 'crabllm:x3', replicas: 3 }), NEVER);
    assert.equal(set.url, 'http://10.96.0.9:6666');
    assert.deepEqual(set.replicas?.map(({ address }) => address).toSorted(), ['10.0.0.2', '10.0.0.3', '10.0.0.4']);
    const services = [...server.objects].filter(([key]) => key.startsWith('services/')).map(([, object]) => object);
    assert.equal(services.length, 1);
    const { selector } = (services[0] ?? assert.fail())['spec'] as { readonly selector: Record<string, string> };
    const pods = [...server.objects].filter(([key]) => key.startsWith('pods/')).map(([, pod]) => pod);
    for (const { metadata } of pods)
      for (const [label, value] of Object.entries(selector)) assert.equal(metadata.labels?.[label], value);
    await set.stop();
    assert.deepEqual(server.names, []);

    let pod = 0;
    server.onCreate = (kind, object) => {
      if (kind !== 'pods') return;
      pod += 1;
      object['status'] =
        pod === 2 ? { phase: 'Failed', reason: 'OutOfcpu', message: 'too little' } : runningStatus(`10.0.0.${pod}`);
    };
    await assert.rejects(
      runtime.start(serviceOf({ replicas: 3 }), NEVER),
      (thrown) => thrown instanceof BenchError && thrown.code === 'pod-refused',
    );
    assert.deepEqual(server.names, []);
  });

  it('reaches the mock through a Service where it reaches gateways so, and tells gateways of that', async (context) => {
    const { server, cluster } = await openFake(context);
    const runtime = new KubernetesRuntime(cluster, { ...MANNER, network: 'service' }, PLACE, FACTS);
    context.after(() => runtime.close());
    runPods(server);
    const made = server.onCreate;
    let last = 0;
    server.onCreate = (kind, object) => {
      made(kind, object);
      last += 1;
      if (kind === 'services') object['spec'] = { ...(object['spec'] as object), clusterIP: `10.96.0.${last}` };
    };
    const mock = await runtime.start(MOCK, NEVER);
    const gateway = await runtime.start(serviceOf({ command: ['--up', 'http://127.0.0.1:9999'] }), NEVER);
    assert.match(mock.url, /^http:\/\/10\.96\.0\.\d+:9999$/);
    assert.match(gateway.url, /^http:\/\/10\.96\.0\.\d+:6666$/);
    const pods = [...server.objects].filter(([key]) => key.startsWith('pods/')).map(([, pod]) => JSON.stringify(pod));
    assert.ok(pods[1]?.includes(`"args":["--up","${mock.url}"]`));
  });

  it('has several mocks behind one Service, on their nodes in turn, each with workers of its own numbers', async (context) => {
    const { server, cluster } = await openFake(context);
    const place = { ...PLACE, mocks: ['node1', 'node4'] };
    const runtime = new KubernetesRuntime(cluster, { ...MANNER, network: 'service' }, place, FACTS);
    context.after(() => runtime.close());
    runPods(server);
    giveClusterAddress(server);
    const mock = await runtime.start({ ...MOCK, replicas: 3 }, NEVER);
    assert.equal(mock.url, 'http://10.96.0.9:9999');
    assert.deepEqual(mock.memberUrls?.toSorted(), [
      'http://10.0.0.2:9999',
      'http://10.0.0.3:9999',
      'http://10.0.0.4:9999',
    ]);
    const gateway = await runtime.start(serviceOf({ command: ['--up', 'http://127.0.0.1:9999'] }), NEVER);
    const specs = [...server.objects]
      .filter(([key]) => key.startsWith('pods/'))
      .map(([, pod]) => JSON.stringify(pod['spec']));
    assert.deepEqual(specs.flatMap((spec) => /"--first-worker","(\d+)"/.exec(spec)?.[1] ?? []).toSorted(), [
      '0',
      '128',
      '64',
    ]);
    assert.deepEqual(
      specs
        .slice(0, 3)
        .flatMap((spec) => /"kubernetes.io\/hostname":"(\w+)"/.exec(spec)?.[1] ?? [])
        .toSorted((a, b) => a.localeCompare(b)),
      ['node1', 'node1', 'node4'],
    );
    assert.match(
      specs[3] ?? '',
      /"args":\["--up","http:\/\/10\.96\.0\.9:9999"\]/,
      'told of all of them, not of the last one',
    );
    await gateway.stop();
    await mock.stop();
    assert.deepEqual(server.names, []);
    assert.match((await runtime.versions())['places'] ?? '', /^mock on node1 and node4, gateway on node2/);
  });

  it('says why one does not start, and leaves nothing of it', async (context) => {
    const { server, runtime } = await runtimeOf(context);
    server.onCreate = (kind, object) => {
      if (kind === 'pods') object['status'] = { phase: 'Failed', reason: 'OutOfcpu', message: 'too little' };
    };
    await assert.rejects(
      runtime.start(serviceOf(), NEVER),
      (thrown) =>
        thrown instanceof BenchError && thrown.code === 'pod-refused' && /OutOfcpu: too little/.test(thrown.message),
    );
    assert.deepEqual(server.names, []);
    server.disturbances.push({ on: 'POST', by: { status: 403, message: 'violates PodSecurity "restricted:latest"' } });
    await assert.rejects(
      runtime.start(serviceOf(), NEVER),
      (thrown) =>
        thrown instanceof BenchError && thrown.code === 'start-failed' && /violates PodSecurity/.test(thrown.message),
    );
  });

  it('hears of the end of one, and of what took it', async (context) => {
    const { server, runtime } = await runtimeOf(context);
    runPods(server);
    const [one, two] = [await runtime.start(serviceOf(), NEVER), await runtime.start(serviceOf(), NEVER)];
    const [first = '', second = ''] = server.names;
    const pod = server.objects.get(first) ?? assert.fail();
    pod['status'] = {
      ...(runningStatus('10.0.0.2') as object),
      phase: 'Failed',
      containerStatuses: [{ state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }],
    };
    server.objects.delete(second);
    assert.deepEqual(await one.exited, { exitCode: 137, signal: null, outOfMemory: true });
    assert.equal((await two.exited).told?.code, 'pod-deleted');
    // While there is a server: to take a Pod from one that is gone is tried for as long as it might come back.
    await runtime.close();
  });

  it('goes on while the API server is started anew', async (context) => {
    const { server, runtime } = await runtimeOf(context);
    runPods(server);
    server.disturbances.push(
      { on: 'POST', by: 'reset' },
      { on: 'POST', by: { status: 500, message: 'etcdserver: leader changed' } },
    );
    const running = await runtime.start(serviceOf(), NEVER);
    server.disturbances.push({ on: 'DELETE', by: 'reset', after: true });
    await running.stop();
    assert.deepEqual(server.names, []);
  });

  it('leaves alone what another run has, in its namespace and in others', async (context) => {
    const { server, cluster } = await openFake(context);
    runPods(server);
    const places = [PLACE, { ...PLACE, runId: 'b' }, { ...PLACE, namespace: 'others' }];
    const runtimes = places.map((place) => new KubernetesRuntime(cluster, MANNER, place, FACTS));
    const running = [];
    for (const runtime of runtimes) running.push(await runtime.start(serviceOf(), NEVER));
    const [elsewhere = '', own, beside] = server.names;
    await runtimes[0]?.close();
    const left = server.names;
    server.objects.delete(elsewhere);
    let ended = false;
    void running[1]?.exited.then(() => (ended = true));
    const exit = await running[2]?.exited;
    for (const runtime of runtimes) await runtime.close();
    assert.deepEqual(left, [elsewhere, beside], own);
    assert.equal(exit?.told?.code, 'pod-deleted');
    // It had looked at its own meanwhile, and that was there.
    assert.equal(ended, false);
    assert.deepEqual(server.names, []);
  });

  it('takes everything down at once when it is closed', async (context) => {
    const { server, runtime } = await runtimeOf(context);
    runPods(server);
    await runtime.start(MOCK, NEVER);
    await runtime.start(serviceOf(), NEVER);
    await runtime.close();
    assert.deepEqual(server.names, []);
  });

  it('knows what cannot be had before it is tried', async (context) => {
    const { runtime } = await runtimeOf(context);
    const codeOf = async (given: Parameters<typeof serviceOf>[0]): Promise<string> => {
      const look = await runtime.look(serviceOf(given));
      return look.state === 'absent' ? look.reason.code : look.state;
    };
    assert.equal(await codeOf({ image: null }), 'image-missing');
    assert.equal(await codeOf({ image: 'crabllm-bench-portkey:1.15.2' }), 'available');
    assert.equal(await codeOf({ image: 'crabllm-bench-portkey:9' }), 'image-missing');
    assert.equal(await codeOf({ program: '/x' }), 'not-supported');
    const oha = await runtime.prepareTool();
    assert.match(oha.state === 'absent' ? oha.reason.message : '', /native driver/);
    assert.deepEqual(await runtime.versions(), {
      kubernetes: 'v1.34.0',
      places: 'mock on node1, gateway on node2, driver on node3',
      network: 'pod',
      cpuLimits: 'requests = limits',
      cpuManager: 'none',
      watch: 'by a container beside each service',
      podSecurity: 'restricted',
      load: 'by an agent in a Pod of its own: load/0 on node3 with a whole core; the orchestrator on node3',
      'node of the gateway': 'kernel 6',
    });
  });
});
