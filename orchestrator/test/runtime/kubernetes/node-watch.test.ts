import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KubernetesRuntime } from '#src/runtime/kubernetes/kubernetes-runtime.js';
import { NodeWatches } from '#src/runtime/kubernetes/node-watch.js';
import type { SideWatch } from '#src/runtime/kubernetes/side-watch.js';
import type { SampleDepth } from '#src/runtime/runtime.js';
import { MANNER, openFake, PLACE, runPods } from './support.js';

const SAMPLE = { atMs: 5, cpuUs: 1000, memoryBytes: 7, memoryPeakBytes: 9, throttledMs: 2, observerCpuUs: 3 };
const PODS = [
  { uid: 'a', node: 'one' },
  { uid: 'b', node: 'two' },
  { uid: 'c', node: 'one' },
];

/** Who is asked on which node, and for what. */
function watched(sampleOn: (node: string) => typeof SAMPLE | null = () => SAMPLE) {
  const asked: string[] = [];
  const watches = new NodeWatches((node) => {
    asked.push(`start ${node}`);
    return Promise.resolve({
      look: (depth: SampleDepth, pods: readonly string[]) => {
        asked.push(`${depth} ${node} ${pods.join('+')}`);
        return Promise.resolve(sampleOn(node));
      },
      unknown: () => [],
    } as unknown as SideWatch);
  });
  return { asked, watches };
}

describe('those who look at Pods of others on their nodes', () => {
  it('are one on each node, and what they see is added up', async () => {
    const { asked, watches } = watched();
    assert.equal(await watches.look(PODS, 'light'), null, 'nobody is started within a window');
    const { atMs: _, ...sample } = (await watches.look(PODS, 'whole')) ?? assert.fail();
    assert.deepEqual(sample, {
      cpuUs: 2000,
      memoryBytes: 14,
      memoryPeakBytes: null,
      throttledMs: 4,
      observerCpuUs: 6,
    });
    await watches.look(PODS, 'light');
    assert.deepEqual(asked, ['start one', 'start two', 'whole one a+c', 'whole two b', 'light one a+c', 'light two b']);
  });

  it('tell nothing where one of them has nothing, or cannot be started', async () => {
    assert.equal(await watched((node) => (node === 'two' ? null : SAMPLE)).watches.look(PODS, 'whole'), null);
    const refused = new NodeWatches(() => Promise.reject(new Error('hostPath volumes are not allowed')));
    assert.equal(await refused.look(PODS, 'whole'), null);
    assert.match(
      refused.unknown()[0]?.message ?? '',
      /nobody watches on its node \(hostPath volumes are not allowed\)/,
    );
  });

  it('are Pods of the run that see the groups of their node and can change nothing, and go with the run', async (context) => {
    const { server, cluster } = await openFake(context);
    const facts = { version: 'v1', software: {}, cpus: {}, cpuManager: { policy: 'none' }, images: null };
    const runtime = new KubernetesRuntime(cluster, MANNER, PLACE, facts, 'token');
    runPods(server);
    server.objects.set('gateways:pods/a', {
      metadata: { name: 'a', uid: 'uid-a', labels: { app: 'litellm' } },
      spec: { nodeName: 'node7' },
      status: { conditions: [], containerStatuses: [] },
    });
    const seen = runtime.observe({ namespace: 'gateways', selector: 'app=litellm' }, true);
    const looking = seen.sample('whole');
    const started = async (): Promise<string> => {
      for (;;) {
        const [, pod] = [...server.objects].find(([key]) => key.startsWith('pods/') && key.includes('watch')) ?? [];
        if (pod !== undefined) return JSON.stringify(pod['spec']);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const spec = await started();
    assert.match(spec, /"args":\["agent","--duty","watch","--listen","0\.0\.0\.0:\d+","--pods","\/node\/cgroup"\]/);
    assert.match(spec, /"hostPath":\{"path":"\/sys\/fs\/cgroup","type":"Directory"\}/);
    assert.match(spec, /"mountPath":"\/node\/cgroup","name":"groups","readOnly":true/);
    assert.match(spec, /"kubernetes\.io\/hostname":"node7"/);
    await runtime.close();
    await looking;
    assert.deepEqual(
      server.names.filter((name) => name.includes('watch')),
      [],
    );
  });
});
