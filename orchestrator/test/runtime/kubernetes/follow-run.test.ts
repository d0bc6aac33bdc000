import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { BenchError } from '#src/errors.js';
import type { Cluster } from '#src/runtime/kubernetes/cluster.js';
import { type Following, followRun } from '#src/runtime/kubernetes/follow-run.js';
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

function following(tell: (line: string) => void, interrupt = NEVER): Following {
  return { tell, interrupt, deliver: () => assert.fail('nothing was handed out') };
}

const DONE = resultLine({ exitCode: 3, bytes: 0, sha256: createHash('sha256').digest('hex') });

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
    assert.deepEqual(await followRun(cluster, AT, following(tell)), { exitCode: 3, endedBy: null });
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
    assert.equal((await followRun(cluster, AT, following(tell))).exitCode, 3);
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
    await followRun(cluster, AT, following(tell, interrupt.signal));
    assert.deepEqual(asked, ['sh -c kill -INT 1', 'sh -c kill -INT 1', 'touch /bench-run/fetched']);
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
      followRun(
        cluster,
        AT,
        following((line) => told.push(line)),
      ),
      (thrown) => thrown instanceof BenchError && thrown.code === 'run-lost' && /OOMKilled/.test(thrown.message),
    );
    assert.ok(told.includes('one'));
    say(DONE);
    assert.equal(
      (
        await followRun(
          cluster,
          AT,
          following(() => undefined),
        )
      ).exitCode,
      3,
    );
  });

  it('is fetched while it goes on, so that what it had is here when its Pod goes without a word', async (context) => {
    const { server, cluster, say } = await openRun(context);
    const archive = Buffer.from('what the first block has, and the second');
    const offer = (bytes: number): string => {
      const sha256 = createHash('sha256').update(archive.subarray(0, bytes)).digest('hex');
      return resultLine({ exitCode: null, bytes, sha256 });
    };
    const scripts: string[] = [];
    cluster.execute = async (_namespace, _pod, _container, command) => {
      const script = command.at(-1) ?? '';
      scripts.push(script);
      // By the time of the second look the run rests no more: it has nothing to give.
      if (scripts.length === 2) return NOTHING;
      const from = Number(/tail -c \+(\d+)/.exec(script)?.[1]) - 1;
      return { ...NOTHING, stdout: archive.subarray(from, scripts.length === 1 ? 19 : archive.length) };
    };
    const had: string[] = [];
    say(offer(19));
    const deliver = async (part: Buffer): Promise<void> => {
      had.push(part.toString());
      if (had.length === 1) say('on it goes', offer(30));
      else server.objects.delete(POD);
    };
    const tell = (line: string): void => {
      if (line === 'on it goes') setTimeout(() => say(offer(archive.length)), 1500);
    };
    await assert.rejects(
      followRun(cluster, AT, { tell, interrupt: NEVER, deliver }),
      (thrown) =>
        thrown instanceof BenchError && thrown.code === 'run-lost' && /what it has not handed out/.test(thrown.message),
    );
    assert.deepEqual(had, ['what the first bloc', 'k has, and the second']);
    assert.match(
      scripts[0] ?? '',
      /^cd \/bench-run && test -e result\.tar && touch begun-19 && tail -c \+1 result\.tar && touch had-19$/,
    );
  });

  it('says why it ended where the cluster took its Pod away, and not where it was interrupted here', async (context) => {
    const { server, cluster, say } = await openRun(context);
    const pod = server.objects.get(POD) ?? assert.fail();
    pod.metadata['deletionTimestamp'] = '2026-11-29T10:05:00Z';
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
    };
    pod['status'] = { ...(pod['status'] as object), conditions: [condition] };
    say(resultLine({ exitCode: 130, bytes: 0, sha256: createHash('sha256').digest('hex') }));
    cluster.execute = () => Promise.resolve(NOTHING);
    assert.deepEqual(
      await followRun(
        cluster,
        AT,
        following(() => undefined),
      ),
      {
        exitCode: 130,
        endedBy: 'EvictionByEvictionAPI: Eviction API: evicting',
      },
    );
    const interrupted = await followRun(
      cluster,
      AT,
      following(() => undefined, AbortSignal.abort()),
    );
    assert.equal(interrupted.endedBy, null);
  });

  it('is given up where the cluster stays away for as long as it is waited for', async (context) => {
    const { server, cluster, say } = await openRun(context);
    const tell = (line: string): void => {
      if (line === 'one') for (let i = 0; i < 50; i += 1) server.disturbances.push({ on: '/', by: 'reset' });
    };
    say('one');
    await assert.rejects(
      followRun(cluster, AT, { ...following(tell), awayMs: 100 }),
      (thrown) => thrown instanceof BenchError && thrown.code === 'engine-gone' && thrown.exitCode === 4,
    );
  });
});
