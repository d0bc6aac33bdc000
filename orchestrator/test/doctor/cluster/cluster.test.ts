import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Check } from '#src/doctor/check.js';
import { diagnoseCluster } from '#src/doctor/cluster/diagnosis.js';
import type { ClusterLook } from '#src/doctor/cluster/findings.js';
import type { Judged } from '#src/doctor/cluster/judged.js';
import { lookAtCluster } from '#src/doctor/cluster/look.js';
import { renderClusterDiagnosis } from '#src/doctor/cluster/text.js';
import { BenchError } from '#src/errors.js';
import type { PodManner } from '#src/runtime/kubernetes/manner.js';
import { IMAGE_TAG } from '#src/version.js';
import { assertGolden } from '../../golden.js';
import type { FakeApiServer } from '../../runtime/kubernetes/fake-api-server.js';
import { MANNER, openFake, serviceOf } from '../../runtime/kubernetes/support.js';
import { addGoodNodes, addNamespace, addNode } from './support.js';

/** Of its own, so that a new version of a gateway changes nothing here. */
const CATALOGUE = {
  mock: serviceOf({ name: 'mock', role: 'mock', image: `crabllm-bench:${IMAGE_TAG}` }),
  gateways: [
    serviceOf(),
    serviceOf({ name: 'litellm', image: 'ghcr.io/berriai/litellm:v1.2.3' }),
    serviceOf({ name: 'portkey', image: 'crabllm-bench-portkey:1.15.2' }),
    serviceOf({ name: 'idle', image: 'idle:1', isActive: false, cpus: 64 }),
  ],
};

/** Looks at a cluster that a test has made. */
async function lookAt(
  context: TestContext,
  make: (server: FakeApiServer) => void,
  manner: Partial<PodManner> = {},
): Promise<ClusterLook> {
  const { server, cluster } = await openFake(context);
  make(server);
  const look = await lookAtCluster(cluster, {
    namespace: 'bench',
    manner: { ...MANNER, ...manner },
    agents: 1,
    catalogue: CATALOGUE,
  });
  // The port of the fake server is another each time.
  return { ...look, cluster: 'fake (http://127.0.0.1:1)' };
}

async function judge(...args: Parameters<typeof lookAt>): Promise<Judged> {
  return diagnoseCluster(await lookAt(...args));
}

function checkOf({ checks }: Judged, name: string): Check {
  return checks.find((check) => check.name === name) ?? assert.fail(`${name} is not among ${JSON.stringify(checks)}`);
}

function adviceOf({ advice }: Judged, change: RegExp): Judged['advice'][number] {
  return advice.find((one) => change.test(one.change)) ?? assert.fail(`${change} is not in ${JSON.stringify(advice)}`);
}

const good = (server: FakeApiServer): void => {
  addGoodNodes(server);
  addNamespace(server);
};

/** Two nodes that differ and are taken by others, of which one is in another zone; nobody may do anything. */
const bad = (server: FakeApiServer): void => {
  addNode(server, 'a', { cpus: '2', zone: 'z1', images: [], kernel: '5.15.0' });
  addNode(server, 'b', { cpus: '2', zone: 'z2', images: [], quota: false });
  addNode(server, 'c', { role: 'driver', isReady: false });
  server.objects.set('pods/other', {
    metadata: { name: 'other' },
    spec: { nodeName: 'a', containers: [{ name: 'x', resources: { requests: { cpu: '1500m' } } }] },
    status: { phase: 'Running' },
  });
  for (const right of ['create jobs', 'create pods/exec', 'create namespaces']) server.withheld.add(right);
};

describe('what a cluster says of itself', () => {
  it('is nothing to change where all is as it should be', async (context) => {
    const judged = await judge(context, good);
    assert.deepEqual(judged.advice, []);
    // Gateways that a registry has are pulled.
    const others = judged.checks.filter(({ name }) => name !== 'to be pulled');
    assert.deepEqual(
      others.filter(({ state }) => state !== 'good'),
      [],
    );
  });

  it('reads well', async (context) => {
    const page = (judged: Judged): string =>
      `${renderClusterDiagnosis(judged, { columns: 100, colour: false })}\n`.replaceAll(
        `bench:${IMAGE_TAG}`,
        'bench:0.0.0',
      );
    assertGolden('kubernetes/doctor-good.txt', page(await judge(context, good)));
    assertGolden('kubernetes/doctor-bad.txt', page(await judge(context, bad)));
  });

  it('has the roles that a run would give, by labels or by a spread', async (context) => {
    const labelled = await lookAt(context, good);
    assert.deepEqual(
      labelled.used.map(({ name, roles }) => `${name}: ${roles.join(' ')}`),
      ['a: mock', 'b: gateway', 'c: driver', 'd: orchestrator'],
    );
    const spread = await judge(context, (server) => {
      for (const name of ['a', 'b', 'c', 'd']) addNode(server, name);
      addNamespace(server);
    });
    assert.equal(checkOf(spread, 'roles').state, 'note');
    assert.match(
      adviceOf(spread, /^Label the nodes/).change,
      /kubectl label node c bench.role=mock; kubectl label node a bench.role=gateway; kubectl label node b bench.role=driver/,
    );
  });

  it('says loudly where roles share a node, and what that does', async (context) => {
    const judged = await judge(context, bad);
    const { state, meaning } = checkOf(judged, 'roles');
    assert.equal(state, 'warning');
    assert.match(meaning ?? '', /c is labelled bench.role=driver and cannot be used.*mock and driver share b/);
    assert.match(adviceOf(judged, /^Make 3 nodes usable/).because, /two roles share b/);
  });

  it('counts the CPUs that others have taken, and what a run wants', async (context) => {
    const judged = await judge(context, bad);
    assert.deepEqual(
      judged.checks.flatMap(({ name, found }) => (name === 'room' ? [found] : [])),
      [
        'b has 2 CPUs free, and 2.1 are wanted (mock 2, load/0 0.1)',
        'a has 0.5 CPUs free, and 2 are wanted (gateway 2)',
      ],
    );
    const unknown = await judge(context, (server) => {
      good(server);
      server.disturbances.push(
        ...['a', 'b', 'c', 'd'].map((node) => ({
          on: `fieldSelector=spec.nodeName%3D${node}`,
          by: { status: 403, message: 'pods is forbidden' },
        })),
      );
    });
    assert.equal(checkOf(unknown, 'room').state, 'note');
  });

  it('says what holds a gateway to its CPUs, and the way out', async (context) => {
    const none = await judge(context, (server) => {
      good(server);
      addNode(server, 'b', { role: 'gateway' });
    });
    assert.equal(checkOf(none, 'gateway CPUs').state, 'warning');
    assert.match(adviceOf(none, /cpuManagerPolicy: static/).change, /kubelet of b /);
    assert.equal(checkOf(none, 'CPU manager').found, 'none on a, b, c and d');
    const unlimited = await judge(context, good, { cpuLimit: false });
    assert.equal(checkOf(unlimited, 'gateway CPUs').state, 'good');
    const noQuota = await judge(context, (server) => {
      good(server);
      addNode(server, 'b', { role: 'gateway', quota: false });
    });
    assert.equal(checkOf(noQuota, 'CPU quota').found, 'enforced over 100ms on a, c and d, not enforced on b');
    assert.equal(checkOf(noQuota, 'gateway CPUs').state, 'good');
  });

  it('does not know of kubelets what it may not read, and says who can change that', async (context) => {
    const judged = await judge(context, (server) => {
      good(server);
      server.disturbances.push(
        ...Array.from({ length: 5 }, () => ({ on: 'configz', by: { status: 403, message: 'nodes is forbidden' } })),
      );
    });
    assert.equal(checkOf(judged, 'CPU manager').found, 'not known on a, b, c and d');
    assert.match(adviceOf(judged, /kubelet-reader/).because, /nodes\/proxy/);
    assert.ok(!judged.checks.some(({ name }) => name === 'CPU quota'));
    assert.ok(!judged.advice.some(({ change }) => change.includes('cpuManagerPolicy')));
  });

  it('names each right that is missing, of the run and of what prepares a namespace', async (context) => {
    const judged = await judge(context, bad);
    assert.match(checkOf(judged, 'rights').found, /^2 of 14 are missing: create jobs, create pods\/exec$/);
    assert.match(checkOf(judged, 'account').found, /may not create it: create namespaces \(of the cluster\)/);
    adviceOf(judged, /apply -f deploy\/kubernetes\/submitter.yaml/);
    adviceOf(judged, /apply -f deploy\/kubernetes\/orchestrator.yaml/);
  });

  it('does not take a cluster that does not say what is allowed for one that allows it', async (context) => {
    const judged = await judge(context, (server) => {
      good(server);
      server.disturbances.push({ on: 'selfsubjectaccessreviews', by: { status: 403, message: 'no reviews here' } });
    });
    assert.match(checkOf(judged, 'rights').found, /^1 of 14 are missing/);
    assert.match(checkOf(judged, 'rights').meaning ?? '', /no reviews here/);
  });

  it('says whether the namespace admits what Pods are made for', async (context) => {
    const at = async (level: string, manner: Partial<PodManner> = {}): Promise<Judged> =>
      judge(
        context,
        (server) => {
          addGoodNodes(server);
          addNamespace(server, { 'pod-security.kubernetes.io/enforce': level });
        },
        manner,
      );
    assert.equal(checkOf(await at('restricted'), 'Pod Security').state, 'good');
    assert.equal(checkOf(await at('privileged', { network: 'host' }), 'Pod Security').state, 'good');
    assert.equal(checkOf(await at('restricted', { security: 'baseline' }), 'Pod Security').state, 'warning');
    const host = await at('baseline', { network: 'host' });
    assert.match(checkOf(host, 'Pod Security').found, /beyond it/);
    adviceOf(host, /^Leave --network host out/);
  });

  it('knows an image that no registry has from one that is pulled, and a list that is cut from a whole one', async (context) => {
    const judged = await judge(context, bad);
    assert.match(checkOf(judged, 'image').found, /^crabllm-bench:.* is not on a and b$/);
    assert.match(checkOf(judged, 'to be pulled').found, /litellm/);
    const cut = await judge(context, (server) => {
      good(server);
      addNode(server, 'b', { role: 'gateway', images: Array.from({ length: 50 }, (_, i) => `other:${i}`) });
    });
    assert.deepEqual(
      cut.advice.filter(({ change }) => change.startsWith('Load')),
      [],
    );
    const pushed = await judge(context, bad, { imageRegistry: 'registry.example' });
    assert.deepEqual(
      pushed.advice.filter(({ change }) => change.startsWith('Load')),
      [],
    );
  });

  it('is not had without the right to list nodes, and that is said in one sentence', async (context) => {
    await assert.rejects(
      lookAt(context, (server) => {
        good(server);
        server.disturbances.push({ on: '/nodes', by: { status: 403, message: 'nodes is forbidden' } });
      }),
      (thrown) =>
        thrown instanceof BenchError &&
        thrown.code === 'cluster-forbids' &&
        thrown.exitCode === 4 &&
        thrown.message === 'the cluster forbids to list its nodes: nodes is forbidden',
    );
  });

  it('says that another run measures on the same nodes, or that this is not known', async (context) => {
    const others = (nodeName: string) => (server: FakeApiServer) => {
      good(server);
      server.objects.set('elsewhere:pods/mock', {
        metadata: { name: 'mock', namespace: 'elsewhere', labels: { 'crabllm-bench/run': 'r1' } },
        spec: { nodeName },
        status: { phase: 'Running' },
      });
    };
    const beside = await judge(context, others('b'));
    assert.equal(checkOf(beside, 'other runs').state, 'warning');
    assert.match(adviceOf(beside, /^Wait for the end/).change, /in elsewhere/);
    assert.equal(checkOf(await judge(context, others('z')), 'other runs').state, 'good');
    const unknown = await judge(context, (server) => {
      good(server);
      server.disturbances.push({ on: '/api/v1/pods?labelSelector', by: { status: 403, message: 'pods is forbidden' } });
    });
    assert.equal(checkOf(unknown, 'other runs').state, 'note');
    adviceOf(unknown, /runs-reader/);
  });

  it('creates nothing', async (context) => {
    const { server, cluster } = await openFake(context);
    good(server);
    const before = server.names;
    await lookAtCluster(cluster, { namespace: 'bench', manner: MANNER, agents: 1, catalogue: CATALOGUE });
    assert.deepEqual(server.names, before);
    const written = server.requests.filter((line) => !line.startsWith('GET'));
    assert.ok(written.every((line) => line.includes('/selfsubjectaccessreviews')));
  });
});
