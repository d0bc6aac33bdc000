import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { measureNodes, type NodeFigures, readPrinted } from '#src/doctor/cluster/figures.js';
import type { ClusterLook } from '#src/doctor/cluster/findings.js';
import { judgeFigures } from '#src/doctor/cluster/judge-figures.js';
import { lookAtCluster } from '#src/doctor/cluster/look.js';
import type { Findings } from '#src/doctor/host-facts.js';
import type { PeerFigures } from '#src/doctor/peers.js';
import { BenchError } from '#src/errors.js';
import type { Cluster } from '#src/runtime/kubernetes/cluster.js';
import type { FakeApiServer, Stored } from '../../runtime/kubernetes/fake-api-server.js';
import { MANNER, openFake, serviceOf } from '../../runtime/kubernetes/support.js';
import { addGoodNodes, addNamespace } from './support.js';

const NEVER = new AbortController().signal;

const FINDINGS: Findings = {
  host: {
    usableCpus: 4,
    cpus: 4,
    cpuModel: 'Example CPU',
    governor: 'performance',
    clockSource: 'tsc',
    isVirtual: false,
    mayRunFirst: true,
    cgroup: 'v2',
    memoryBytes: 2 ** 34,
    freeMemoryBytes: 2 ** 33,
    limits: { descriptors: 1_048_576, ports: 28_232, reusesPorts: true },
  },
  idle: { stealShare: 0, busyShare: 0.01, swappedBytes: 0, clockJumpMs: 0 },
  clockStepUs: 0.1,
  oversleep: { p50Us: 40, p99Us: 90 },
  loopback: { p50Us: 20, p99Us: 60 },
  peers: [],
  runtime: { kind: 'process', versions: {}, enforcesLimits: false },
  placing: { pins: false, text: 'nothing is pinned' },
  selfTest: {
    driver: 'native',
    blocks: 4,
    levels: [
      {
        scenario: 'chat-minimal',
        level: '250 rps',
        direct: { p50Us: 200, p99Us: 900 },
        floor: { p50Us: 10, p99Us: 120 },
      },
    ],
  },
};

/** As the program prints it, behind what it tells meanwhile. */
const printed = (findings: Findings): string =>
  `runtime process: as asked\nblock 1 done\n${JSON.stringify({ schemaVersion: 1, checks: [], findings }, null, 2)}\n`;

interface Fake {
  readonly server: FakeApiServer;
  readonly cluster: Cluster;
  readonly look: ClusterLook;
}

/** A cluster whose Jobs have a Pod at once, which is as the test says; those that tell the time run. */
async function open(
  context: TestContext,
  statusOf: (node: string) => unknown,
  log: string,
  clockStatus: (node: string) => unknown = running,
): Promise<Fake> {
  const { server, cluster } = await openFake(context);
  addGoodNodes(server);
  addNamespace(server);
  server.onCreate = (kind, job) => {
    if (kind !== 'jobs') return;
    const { template } = job['spec'] as { readonly template: { readonly metadata: object; readonly spec: PodSpec } };
    const name = `${job.metadata.name}-pod`;
    const node = template.spec.nodeSelector['kubernetes.io/hostname'] ?? '';
    const isClock = job.metadata.labels?.['crabllm-bench/role'] === 'clock';
    server.logs.set(name, log);
    server.objects.set(`pods/${name}`, {
      metadata: { ...template.metadata, name, ownerReferences: [{ uid: job.metadata.uid }] },
      spec: template.spec,
      status: isClock ? clockStatus(node) : statusOf(node),
    });
  };
  const look = await lookAtCluster(cluster, {
    namespace: 'bench',
    manner: MANNER,
    agents: 1,
    catalogue: { mock: serviceOf({ role: 'mock' }), gateways: [] },
  });
  return { server, cluster, look };
}

interface PodSpec {
  readonly nodeSelector: Record<string, string>;
  readonly containers: readonly [
    { readonly args: readonly string[]; readonly env: readonly { readonly value: string }[] },
  ];
}

const running = (node: string): unknown => ({
  phase: 'Running',
  podIP: `10.0.0.${node.charCodeAt(0)}`,
  containerStatuses: [{ name: 'service', ready: true, imageID: '', state: { running: {} } }],
});
const ended = (exitCode: number): unknown => ({
  phase: exitCode === 0 ? 'Succeeded' : 'Failed',
  containerStatuses: [{ name: 'service', state: { terminated: { exitCode } } }],
});
const waiting = (reason: string, message: string): unknown => ({
  phase: 'Pending',
  containerStatuses: [{ name: 'service', state: { waiting: { reason, message } } }],
});

/** What stays of Jobs, Pods and turns. */
const left = ({ names }: FakeApiServer): string[] =>
  names.filter((name) => /^(jobs|pods|configmaps|secrets)\//.test(name));

describe('what is measured on the nodes of a cluster', () => {
  it('is the doctor’s figures of each node that has a role, one after the other, and leaves nothing', async (context) => {
    const { server, cluster, look } = await open(context, () => ended(0), printed(FINDINGS));
    const begun: string[] = [];
    const figures = await measureNodes(cluster, look, 'r1', ({ seat }) => begun.push(seat.node), NEVER);
    assert.deepEqual(begun, ['a', 'b', 'c']);
    assert.deepEqual(
      figures,
      begun.map((node): NodeFigures => ({ node, state: 'measured', findings: FINDINGS })),
    );
    assert.deepEqual(left(server), []);
    const made = server.requests.filter((line) => line.startsWith('POST') && !line.includes('accessreviews'));
    assert.deepEqual(
      [...new Set(made.map((line) => line.replace(/^.*\//, '')))].toSorted(),
      ['configmaps', 'jobs'],
      'what submitter.yaml allows',
    );
  });

  it('has each node ask the others for the time, and says of whom nobody could be asked', async (context) => {
    const away: PeerFigures = { name: 'b', state: 'asked', roundTrip: { p50Us: 90, p99Us: 300 }, clock: 'same' };
    const { server, cluster, look } = await open(
      context,
      () => ended(0),
      printed({ ...FINDINGS, peers: [away] }),
      (node) => (node === 'c' ? waiting('ErrImagePull', 'no such image') : running(node)),
    );
    const asked = new Map<string, { readonly args: readonly string[]; readonly token: string | undefined }>();
    server.onCreate = ((before) => (kind: string, object: Stored) => {
      before(kind, object);
      if (kind !== 'jobs') return;
      const { spec } = (object['spec'] as { readonly template: { readonly spec: PodSpec } }).template;
      const [{ args, env }] = spec.containers;
      asked.set(object.metadata.name ?? '', { args, token: env[0]?.value });
    })(server.onCreate);
    const figures = await measureNodes(cluster, look, 'r1', () => {}, NEVER);
    const ask = (node: string): string | undefined => asked.get(`doctor-r1-${node}`)?.args.at(-1);
    assert.deepEqual(['a', 'b', 'c'].map(ask), [
      'b=http://10.0.0.98:29900',
      'a=http://10.0.0.97:29900',
      'a=http://10.0.0.97:29900,b=http://10.0.0.98:29900',
    ]);
    assert.equal(new Set([...asked.values()].map(({ token }) => token)).size, 1, 'one token, of this doctor alone');
    const peers = figures.map((one) => (one.state === 'measured' ? one.findings.peers.map(({ name }) => name) : []));
    assert.deepEqual(peers, [['b', 'c'], ['b', 'c'], ['b']]);
    const [first] = figures;
    assert.ok(first?.state === 'measured');
    const [, silent] = first.findings.peers;
    assert.ok(silent?.state === 'absent');
    assert.match(silent.reason.message, /ErrImagePull: no such image/);
    assert.deepEqual(left(server), []);
  });

  it('is absent with the cluster’s words where a program ends badly, on that node alone', async (context) => {
    const { server, cluster, look } = await open(
      context,
      (node) => ended(node === 'b' ? 4 : 0),
      `one\nno space left\n${printed(FINDINGS)}`,
    );
    const figures = await measureNodes(cluster, look, 'r1', () => {}, NEVER);
    assert.deepEqual(
      figures.map(({ state }) => state),
      ['measured', 'absent', 'measured'],
    );
    const [, absent] = figures;
    assert.ok(absent?.state === 'absent');
    assert.match(absent.reason.message, /^nothing was measured on b: it exited with code 4; its log says: /);
    assert.deepEqual(left(server), []);
  });

  it('is absent where a Job is refused, or what is printed is not understood', async (context) => {
    const { server, cluster, look } = await open(context, () => ended(0), 'of another program');
    // Of those that tell the time on a, b and c, and of the first doctor.
    const forbidden = { on: 'POST /apis/batch', by: { status: 403, message: 'jobs is forbidden' } };
    server.disturbances.push(...Array.from({ length: 4 }, () => forbidden));
    const reasons = (await measureNodes(cluster, look, 'r1', () => {}, NEVER)).map((one) =>
      one.state === 'absent' ? one.reason.message : '',
    );
    assert.match(reasons[0] ?? '', /^nothing was measured on a: jobs is forbidden$/);
    assert.match(reasons[1] ?? '', /^what crabllm-bench:.* printed on b is not understood: is it of this version\?$/);
    assert.deepEqual(left(server), []);
  });

  it('leaves nothing when it is interrupted while a Pod waits', async (context) => {
    const interrupt = new AbortController();
    const { server, cluster, look } = await open(context, () => waiting('ContainerCreating', ''), '');
    server.onCreate = ((before) => (kind: string, object: Stored) => {
      before(kind, object);
      if (kind === 'configmaps') interrupt.abort(new BenchError({ code: 'interrupted', message: 'Ctrl-C' }));
    })(server.onCreate);
    await assert.rejects(
      measureNodes(cluster, look, 'r1', () => {}, interrupt.signal),
      (thrown) => thrown instanceof BenchError && thrown.code === 'interrupted',
    );
    assert.deepEqual(left(server), []);
  });

  it('waits for nobody’s run, and touches it not', async (context) => {
    const { server, cluster, look } = await open(context, () => ended(0), printed(FINDINGS));
    server.objects.set('jobs/bench-other', {
      metadata: {
        name: 'bench-other',
        labels: { 'crabllm-bench/run': 'other', 'crabllm-bench/role': 'orchestrator' },
        creationTimestamp: '2026-11-29T10:00:00Z',
      },
    });
    await assert.rejects(
      measureNodes(cluster, look, 'r1', () => {}, NEVER),
      (thrown) => thrown instanceof BenchError && thrown.code === 'cluster-busy',
    );
    assert.deepEqual(left(server), ['jobs/bench-other']);
  });
});

describe('figures of nodes', () => {
  const rolesOf = (): string => 'gateway';

  it('are read from behind what was told meanwhile', () => {
    assert.deepEqual(readPrinted(printed(FINDINGS)), FINDINGS);
    assert.equal(readPrinted('{\n  "findings": 1\n}\n'), null);
    assert.equal(readPrinted('}\n{\n'), null);
    assert.equal(readPrinted(''), null);
  });

  it('are told by node, and what is not as it should be calls for another', () => {
    const good = judgeFigures([{ node: 'b', state: 'measured', findings: FINDINGS }], rolesOf);
    assert.deepEqual(
      good.checks.map(({ name, state }) => `${name}: ${state}`),
      ['b timer: good', 'b loopback: good', 'b chat-minimal, 250 rps: good'],
    );
    assert.deepEqual(good.advice, []);
    const near: PeerFigures = { name: 'c', state: 'asked', roundTrip: { p50Us: 90, p99Us: 300 }, clock: 'same' };
    const [, , way] = judgeFigures(
      [{ node: 'b', state: 'measured', findings: { ...FINDINGS, peers: [near] } }],
      rolesOf,
    ).checks;
    assert.deepEqual(way, {
      name: 'b way to c',
      state: 'good',
      found: '90 µs there and back by HTTP, 1 % more than 300 µs; both read one clock',
      meaning: null,
    });
    const late = { ...FINDINGS, oversleep: { p50Us: 90, p99Us: 4200 } };
    const bad = judgeFigures([{ node: 'b', state: 'measured', findings: late }], rolesOf);
    assert.match(bad.advice[0]?.change ?? '', /^Quieten b, or give another node its role \(gateway\)$/);
    assert.match(bad.advice[0]?.because ?? '', /^timer: wakes 90 µs late, 1 % more than 4.2 ms$/);
  });

  it('are said to be absent with their reason', () => {
    const { checks } = judgeFigures(
      [{ node: 'b', state: 'absent', reason: { code: 'probe-failed', message: 'ErrImagePull' } }],
      rolesOf,
    );
    assert.deepEqual(checks, [
      { name: 'b figures', state: 'note', found: 'not measured', meaning: 'ErrImagePull (probe-failed).' },
    ]);
  });
});
