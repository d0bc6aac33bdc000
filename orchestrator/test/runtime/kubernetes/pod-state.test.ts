import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { V1Pod } from '@kubernetes/client-node';
import { podState, watchTrouble } from '#src/runtime/kubernetes/pod-state.js';
import { runningStatus } from './support.js';

/** As an API server sent it. */
const podOf = (status: unknown): V1Pod => ({ status }) as V1Pod;
const waiting = (reason: string, message: string): V1Pod =>
  podOf({ phase: 'Pending', containerStatuses: [{ state: { waiting: { reason, message } } }] });

describe('what the status of a Pod says', () => {
  it('tells why one does not come up, in the cluster’s own words', () => {
    const full = "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't match Pod's node affinity/selector.";
    const pod = podOf({
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: full }],
    });
    assert.deepEqual(podState(pod), {
      phase: 'coming',
      trouble: { code: 'unschedulable', message: `Unschedulable: ${full}` },
    });
    assert.deepEqual(podState(waiting('ErrImagePull', 'failed to resolve x:1')), {
      phase: 'coming',
      trouble: { code: 'image-missing', message: 'ErrImagePull: failed to resolve x:1' },
    });
    assert.deepEqual(podState(waiting('CreateContainerConfigError', 'image will run as root')), {
      phase: 'coming',
      trouble: { code: 'start-failed', message: 'CreateContainerConfigError: image will run as root' },
    });
    assert.deepEqual(podState(waiting('ContainerCreating', '')), { phase: 'coming', trouble: null });
  });

  it('tells one that the kubelet refuses from one that ran', () => {
    const refused = podState(
      podOf({ phase: 'Failed', reason: 'OutOfcpu', message: "Node didn't have enough resource" }),
    );
    assert.deepEqual(refused, {
      phase: 'refused',
      reason: { code: 'pod-refused', message: "OutOfcpu: Node didn't have enough resource" },
    });
  });

  it('runs once it has an address', () => {
    const state = podState(podOf(runningStatus('10.0.0.7')));
    assert.equal(state.phase === 'running' && state.address, '10.0.0.7');
  });

  it('is that of its service, whatever becomes of the one that watches beside it', () => {
    const beside = (watch: unknown, ready: string): V1Pod => {
      const status = runningStatus('10.0.0.7') as { readonly containerStatuses: object[] };
      const conditions = [
        { type: 'Ready', status: ready, reason: 'ContainersNotReady' },
        { type: 'ContainersReady', status: ready },
      ];
      return podOf({
        ...status,
        conditions,
        containerStatuses: [{ name: 'watch', state: watch }, ...status.containerStatuses],
      });
    };
    const noImage = beside({ waiting: { reason: 'ErrImagePull', message: 'no such image' } }, 'False');
    assert.equal(podState(noImage).phase, 'running');
    assert.equal(watchTrouble(noImage), 'ErrImagePull: no such image');
    const killed = beside({ terminated: { exitCode: 137, reason: 'OOMKilled' } }, 'False');
    assert.equal(podState(killed).phase, 'running');
    assert.equal(watchTrouble(killed), 'OOMKilled');
    assert.equal(watchTrouble(beside({ running: {} }, 'True')), null);
  });

  it('types every end', () => {
    const ended = (exitCode: number, reason: string, more = {}): V1Pod =>
      podOf({ phase: 'Failed', containerStatuses: [{ state: { terminated: { exitCode, reason } } }], ...more });
    const exitOf = (pod: V1Pod | null) => {
      const state = podState(pod);
      return state.phase === 'ended' ? state.exit : assert.fail(state.phase);
    };
    assert.deepEqual(exitOf(ended(137, 'OOMKilled')), { exitCode: 137, signal: null, outOfMemory: true });
    assert.deepEqual(exitOf(ended(3, 'Error')), { exitCode: 3, signal: null, outOfMemory: false });
    const evicted = exitOf(
      ended(137, 'Error', { reason: 'Evicted', message: 'The node was low on resource: memory.' }),
    );
    assert.deepEqual(evicted.told, { code: 'evicted', message: 'evicted: The node was low on resource: memory.' });
    assert.equal(exitOf(ended(143, 'Error', { reason: 'DeadlineExceeded' })).told?.code, 'deadline-exceeded');
    assert.equal(exitOf(null).told?.code, 'pod-deleted');
    const leaving = Object.assign(ended(143, 'Error'), { metadata: { deletionTimestamp: new Date() } });
    assert.equal(exitOf(leaving).told?.code, 'pod-deleted');
    const killed = Object.assign(ended(137, 'OOMKilled'), { metadata: { deletionTimestamp: new Date() } });
    assert.equal(exitOf(killed).outOfMemory, true);
    const taint = { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager' }] };
    assert.equal(exitOf(ended(137, 'Error', taint)).told?.code, 'evicted');
    const silent = {
      ...(runningStatus('10.0.0.7') as object),
      conditions: [{ type: 'Ready', status: 'False', reason: 'NodeNotReady' }],
    };
    assert.equal(exitOf(podOf(silent)).told?.code, 'node-lost');
  });
});
