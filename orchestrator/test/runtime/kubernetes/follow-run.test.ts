import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { BenchError } from '#src/errors.js';
import type { Cluster } from '#src/runtime/kubernetes/cluster.js';
import { followRun } from '#src/runtime/kubernetes/follow-run.js';
import { resultLine } from '#src/runtime/kubernetes/result.js';
import type { FakeApiServer, Stored } from './fake-api-server.js';
import { openFake, PLACE, runningStatus } from './support.js';

const NEVER = new AbortController().signal;
const POD = 'pods/bench-run-x';
const AT = { namespace: PLACE.namespace, runId: PLACE.runId, job: PLACE.job.name };
const NOTHING = { stdout: Buffer.alloc(0), stderr: '', exitCode: 0 };

/** A run that has said so many lines. */
interface Run {
  readonly server: FakeApiServer;
  readonly cluster: Cluster;
  readonly say: (...lines: string[]) => void;
  readonly become: (status: Stored['status']) => void;
}

async function openRun(context: TestContext): Promise<Run> {
  const { server, cluster } = await openFake(context);
  const labels = { 'crabllm-bench/run': PLACE.runId, 'crabllm-bench/role': 'orchestrator' };
  const pod: Stored = { metadata: { name: 'bench-run-x', labels }, status: runningStatus('10.0.0.9') };
  server.objects.set(POD, pod);
  let seconds = 0;
  const say: Run['say'] = (...lines) => {
    const stamped = lines.map((line) => {
      seconds += 1;
      return `2026-11-29T10:${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}Z ${line}\n`;
    });
    server.logs.set('bench-run-x', (server.logs.get('bench-run-x') ?? '') + stamped.join(''));
  };
  return { server, cluster, say, become: (status) => (pod['status'] = status) };
}

const DONE = resultLine({ exitCode: 3, bytes: 0, sha256: '' });

describe('a run that is followed', () => {
  it('is followed on where the API server was away, and no line is lost or said twice', async (context) => {
    const { server, cluster, say } = await openRun(context);
    const told: string[] = [];
    say('one');
    const tell = (line: string): void => {
      told.push(line);
      if (line === 'one') {
        server.disturbances.push(
          { on: '/log', by: 'reset' },
          { on: '/pods?', by: 'reset' },
          { on: '/pods?', by: { status: 503 } },
          { on: '/log', by: { status: 500, message: 'dial tcp 10.90.0.13:10250: connect: connection refused' } },
        );
        say('two', 'three');
      }
      if (line === 'three') say('four', DONE);
    };
    assert.deepEqual(await followRun(cluster, AT, tell, NEVER), { exitCode: 3, archive: null });
    assert.deepEqual(told, ['one', 'two', 'three', 'four']);
    assert.deepEqual(server.disturbances, []);
  });

  it('is waited for while its node is silent', async (context) => {
    const { cluster, say, become } = await openRun(context);
    const told: string[] = [];
    const silent = {
      ...(runningStatus('10.0.0.9') as object),
      conditions: [{ type: 'Ready', status: 'False', reason: 'NodeNotReady' }],
    };
    say('one');
    const tell = (line: string): void => {
      told.push(line);
      if (line === 'one') become(silent);
      if (line.startsWith('the orchestrator is not heard of')) {
        say('two', DONE);
        become(runningStatus('10.0.0.9'));
      }
    };
    assert.equal((await followRun(cluster, AT, tell, NEVER)).exitCode, 3);
    assert.deepEqual(told, [
      'one',
      'the orchestrator is not heard of, and is waited for: its node does not answer any more: NodeNotReady',
      'two',
    ]);
  });

  it('is asked to end until it has heard, and once', async (context) => {
    const { cluster, say } = await openRun(context);
    const asked: string[] = [];
    cluster.execute = async (_namespace, _pod, _container, command) => {
      asked.push(command.join(' '));
      if (asked.length === 1) throw new Error('the API server is away');
      say('it ends');
      return NOTHING;
    };
    const interrupt = new AbortController();
    const tell = (line: string): void => {
      if (line === 'begun') interrupt.abort();
      if (line === 'it ends') say(DONE);
    };
    say('begun');
    await followRun(cluster, AT, tell, interrupt.signal);
    assert.deepEqual(asked, ['sh -c kill -INT 1', 'sh -c kill -INT 1']);
  });

  it('is lost with its Pod, in the words of the cluster, and not before its log was read', async (context) => {
    const { server, cluster, say, become } = await openRun(context);
    const ended = {
      phase: 'Failed',
      containerStatuses: [{ state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }],
    };
    become(ended);
    server.disturbances.push({ on: '/log', by: { status: 400, message: 'the log is being rotated' } });
    say('one');
    const told: string[] = [];
    await assert.rejects(
      followRun(cluster, AT, (line) => told.push(line), NEVER),
      (thrown) => thrown instanceof BenchError && thrown.code === 'run-lost' && /OOMKilled/.test(thrown.message),
    );
    assert.ok(told.includes('one'));
    say(DONE);
    assert.equal((await followRun(cluster, AT, () => undefined, NEVER)).exitCode, 3);
  });
});
