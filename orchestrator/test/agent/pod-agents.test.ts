import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createAgentsDriver } from '#src/agent/agents-driver.js';
import { PodAgents } from '#src/agent/pod-agents.js';
import { runAgent } from '#src/agent/run-agent.js';
import { agentClock } from '#src/agent/agent-clock.js';
import { BenchError } from '#src/errors.js';
import type { Driver } from '#src/load/driver.js';
import { createNativeDriver } from '#src/load/native/driver.js';
import { KubernetesRuntime } from '#src/runtime/kubernetes/kubernetes-runtime.js';
import type { FakeApiServer, Stored } from '../runtime/kubernetes/fake-api-server.js';
import { MANNER, openFake, PLACE, runningStatus } from '../runtime/kubernetes/support.js';
import { type MadeUp, madeUpDriver } from './made-up-driver.js';
import { LOAD, never, TIMES } from './meet.js';

const FACTS = { version: 'v1.34.0', software: {}, cpus: {}, cpuManager: { policy: 'none' }, images: null };

/** A cluster whose Pods are agents in this process: each begins when its Pod is created, and ends with it. */
interface Pods {
  readonly server: FakeApiServer;
  readonly driver: Driver;
  /** Pods that are there, by name. */
  readonly names: () => string[];
  /** Ends the agent of a Pod as its kubelet would, and says of it what the kubelet says. */
  readonly kill: (index: number, status: object | null) => void;
  readonly made: Map<number, MadeUp>;
}

/** Works with such Pods; all of them end with it, while there is a server to take them from. */
async function withPods(context: TestContext, count: number, work: (pods: Pods) => Promise<void>): Promise<void> {
  const { server, cluster } = await openFake(context);
  const made = new Map<number, MadeUp>();
  const ends = new Map<string, AbortController>();
  const gone: Promise<unknown>[] = [];
  server.onCreate = (kind, object) => {
    if (kind !== 'pods') return;
    object['status'] = runningStatus('127.0.0.1');
    const spec = object['spec'] as { readonly containers: { readonly args: string[] }[] };
    const words = spec.containers[0]?.args ?? [];
    const index = Number(words[words.indexOf('--index') + 1]);
    const end = new AbortController();
    ends.set(object.metadata.name, end);
    const options = {
      orchestrator: new URL(words[words.indexOf('--orchestrator') + 1] ?? ''),
      token: 'agents-token',
      duty: 'load' as const,
      index,
      patienceMs: 5000,
      driver: (given: Parameters<ReturnType<typeof madeUpDriver>>[0]) => madeUpDriver(made.get(index))(given),
      clock: agentClock(),
      tell: () => {},
    };
    gone.push(runAgent(options, end.signal).catch(() => undefined));
  };
  const seats = Array.from({ length: count }, () => ({ node: 'node3', cpus: 1 }));
  const runtime = new KubernetesRuntime(cluster, MANNER, { ...PLACE, agents: seats }, FACTS);
  const house = new PodAgents(runtime, { address: '127.0.0.1', token: 'agents-token', times: TIMES });
  const driver = createAgentsDriver(house, count, {}, createNativeDriver());
  const names = (): string[] => server.names.filter((name) => name.startsWith('pods/'));
  const kill: Pods['kill'] = (index, status) => {
    const name = names().find((each) => each.includes(`-agent-${index}-`)) ?? assert.fail();
    if (status === null) server.objects.delete(name);
    else (server.objects.get(name) as Stored)['status'] = status;
    ends.get(name.slice('pods/'.length))?.abort();
  };
  try {
    await work({ server, driver, names, kill, made });
  } finally {
    await driver.close();
    await runtime.close();
    for (const end of ends.values()) end.abort();
    await Promise.all(gone);
  }
}

const terminated = (exitCode: number, reason: string, more = {}): object => ({
  phase: 'Failed',
  containerStatuses: [{ state: { terminated: { exitCode, reason } } }],
  ...more,
});

describe('agents as Pods', () => {
  it('are there before anything is measured, make each trial together, and are gone with the driver', (context) =>
    withPods(context, 2, async ({ driver, names, server }) => {
      assert.deepEqual(driver.agents, { count: 2, on: 'nodes' });
      await driver.prepare(() => {}, never());
      assert.equal(names().length, 2);
      const { record, agents } = await driver.run(LOAD, never());
      assert.deepEqual([record.scheduled, record.ok, agents?.map(({ index }) => index)], [30, 30, [0, 1]]);
      // Of a node of its own, so that its host is watched there.
      assert.ok(agents?.every(({ host }) => host !== null));
      const asked = server.requests.filter((line) => line.includes('/pods')).length;
      await driver.run(LOAD, never());
      assert.equal(server.requests.filter((line) => line.startsWith('POST')).length, 2, `${asked}`);
      await driver.close();
      assert.deepEqual(names(), []);
    }));

  it('make a trial void by the words of the cluster, and are there again for the next', (context) =>
    withPods(context, 2, async ({ driver, kill, made, names }) => {
      await driver.prepare(() => {}, never());
      const ends: readonly [object | null, string, RegExp][] = [
        [null, 'agent-deleted', /^agent load\/1 of 2 on node3 has gone: its Pod was deleted/],
        [terminated(137, 'OOMKilled'), 'agent-out-of-memory', /OOMKilled/],
        [
          terminated(137, 'Error', { reason: 'Evicted', message: 'The node was low on resource: memory.' }),
          'agent-evicted',
          /The node was low on resource: memory\./,
        ],
        [terminated(1, 'Error'), 'agent-exited', /exited with code 1/],
      ];
      for (const [status, code, words] of ends) {
        made.set(1, { beforeEnd: async () => kill(1, status) });
        await assert.rejects(
          driver.run(LOAD, never()),
          (thrown) => thrown instanceof BenchError && thrown.code === code && words.test(thrown.message),
          code,
        );
      }
      made.delete(1);
      const { record } = await driver.run(LOAD, never());
      assert.equal(record.ok, 30);
      assert.equal(names().length, 2);
    }));

  it('on a node that is cut off are lost with it, by name', (context) =>
    withPods(context, 2, async ({ driver, kill, made }) => {
      const cut = {
        ...(runningStatus('127.0.0.1') as object),
        conditions: [{ type: 'Ready', status: 'False', reason: 'NodeNotReady' }],
      };
      made.set(0, { beforeEnd: async () => kill(0, cut) });
      await assert.rejects(
        driver.run(LOAD, never()),
        (thrown) =>
          thrown instanceof BenchError &&
          thrown.code === 'agent-node-lost' &&
          /agent load\/0 of 2 on node3 .*its node does not answer any more: NodeNotReady/.test(thrown.message),
      );
    }));

  it('end the run, in the cluster’s words, where one does not come up', (context) =>
    withPods(context, 1, async ({ driver, server, names }) => {
      server.onCreate = (_kind, object) => {
        object['status'] = { phase: 'Failed', reason: 'OutOfcpu', message: 'too little' };
      };
      await assert.rejects(
        driver.prepare(() => {}, never()),
        (thrown) =>
          thrown instanceof BenchError &&
          thrown.code === 'agents-missing' &&
          thrown.exitCode === 4 &&
          /agent 0 could not be started: OutOfcpu: too little/.test(thrown.message),
      );
      assert.deepEqual(names(), []);
    }));
});
