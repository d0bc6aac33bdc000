import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { describeSelf } from '#src/runtime/docker/owner.js';
import { FakeEngine, refuse } from './fake-engine.js';
import { calm, connectTo, gateway, withCode } from './support.js';

/** A pid that was given to a process which has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

/** Labels of a container of another run on this machine. */
async function labelsOf(run: string, pid: number, started: string): Promise<Record<string, string>> {
  const { space } = await describeSelf(null);
  return {
    'crabllm-bench.run': run,
    'crabllm-bench.owner.pid': String(pid),
    'crabllm-bench.owner.host': hostname(),
    'crabllm-bench.owner.space': space,
    'crabllm-bench.owner.started': started,
  };
}

const NAME = 'crabllm-bench-crabllm-1';

test('a name held by what a crash left is freed', async () => {
  await using engine = await FakeEngine.start();
  const left = engine.addContainer(NAME, { Labels: await labelsOf('crashed', deadPid(), '1') }, 'running');
  const running = await (await connectTo(engine)).start(gateway(), calm);
  assert.ok(!engine.containers.has(left.id));
  await running.stop();
});

test('a name held by a live run or by somebody else is not', async () => {
  await using engine = await FakeEngine.start();
  const runtime = await connectTo(engine);
  const self = await describeSelf(null);
  const other = engine.addContainer(NAME, { Labels: await labelsOf('other', self.pid, self.started) }, 'running');
  await assert.rejects(runtime.start(gateway(), calm), /run other, which is still going on/);
  engine.containers.delete(other.id);
  engine.addContainer(NAME, { Labels: { 'com.docker.compose.project': 'crabllm-bench' } }, 'running');
  await assert.rejects(runtime.start(gateway(), calm), /another container has that name/);
  assert.equal(engine.containers.size, 1, 'nobody else is touched');
});

test('two services of one name run side by side under two numbers', async () => {
  await using engine = await FakeEngine.start();
  const runtime = await connectTo(engine);
  const both = await Promise.all([runtime.start(gateway(), calm), runtime.start(gateway(), calm)]);
  assert.deepEqual([...engine.containers.values()].map(({ name }) => name).sort(), [NAME, 'crabllm-bench-crabllm-2']);
  await Promise.all(both.map(async (running) => running.stop()));
});

test('sweep removes what dead owners left, and nothing else', async () => {
  await using engine = await FakeEngine.start();
  const runtime = await connectTo(engine);
  const mine = await runtime.start(gateway(), calm);
  const self = await describeSelf(null);
  const hour = 3_600_000;
  const elsewhere = { ...(await labelsOf('far', 1, '1')), 'crabllm-bench.owner.space': 'another machine' };
  engine.addContainer('dead', { Labels: await labelsOf('dead', deadPid(), '1') }, 'running');
  engine.addContainer('reused-pid', { Labels: await labelsOf('reused', self.pid, '1') }, 'exited');
  engine.addContainer('live', { Labels: await labelsOf('live', self.pid, self.started) }, 'running');
  engine.addContainer('far-running', { Labels: elsewhere }, 'running', Date.now() - 2 * hour);
  engine.addContainer('far-forgotten', { Labels: elsewhere }, 'exited', Date.now() - 2 * hour);
  engine.addContainer('far-recent', { Labels: elsewhere }, 'created');
  engine.addContainer('foreign', { Labels: { 'com.docker.compose.project': 'crabllm-bench' } }, 'exited');
  assert.equal(await runtime.sweep(), 3);
  assert.deepEqual(
    [...engine.containers.values()].map(({ name }) => name),
    [NAME, 'live', 'far-running', 'far-recent', 'foreign'],
  );
  await mine.stop();
});

test('an owner in a container lives as long as that container', async () => {
  await using engine = await FakeEngine.start();
  const runtime = await connectTo(engine);
  const orchestrator = engine.addContainer('orchestrator', {}, 'running');
  const labels = {
    ...(await labelsOf('inside', 1, '1')),
    'crabllm-bench.owner.space': 'its pid namespace',
    'crabllm-bench.owner.container': orchestrator.id,
  };
  engine.addContainer('its-gateway', { Labels: labels }, 'running');
  assert.equal(await runtime.sweep(), 0);
  orchestrator.state = 'exited';
  assert.equal(await runtime.sweep(), 1);
  engine.addContainer('its-gateway', { Labels: { ...labels, 'crabllm-bench.owner.container': 'removed' } }, 'running');
  assert.equal(await runtime.sweep(), 1);
});

test('close removes everything of the run, also what was being created, and lets nothing more be created', async () => {
  await using engine = await FakeEngine.start();
  const runtime = await connectTo(engine);
  await runtime.start(gateway(), calm);
  const other = engine.addContainer('other', { Labels: await labelsOf('other', 1, '1') }, 'running');
  const held: (() => void)[] = [];
  const asked = new Promise<void>((resolve) => {
    engine.overrides.set('POST /containers/create', (call, response) => {
      held.push(() => {
        const { id } = engine.addContainer('late', JSON.parse(call.body.toString()), 'created');
        response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ Id: id }));
      });
      resolve();
    });
  });
  const late = assert.rejects(runtime.start(gateway({ name: 'late' }), calm));
  await asked;
  const closed = runtime.close();
  for (const finishCreation of held) finishCreation();
  await Promise.all([closed, late]);
  assert.deepEqual([...engine.containers.values()], [other]);
  await runtime.close();
  await assert.rejects(runtime.start(gateway(), calm), withCode('interrupted'));
});

test('a removal that is under way already (409) is waited for; one that fails is cleanup-failed with the command', async () => {
  await using engine = await FakeEngine.start();
  const runtime = await connectTo(engine);
  await runtime.start(gateway(), calm);
  let tries = 0;
  engine.overrides.set('DELETE /containers/*', (call, response) => {
    tries += 1;
    if (tries === 3) engine.containers.clear();
    if (engine.containers.size === 0) refuse(response, 404, `No such container: ${call.path}`);
    else refuse(response, 409, 'removal of container is already in progress');
  });
  await runtime.close();
  assert.equal(tries, 3);

  engine.overrides.clear();
  const second = await connectTo(engine, 'run-2');
  await second.start(gateway(), calm);
  engine.overrides.set('DELETE /containers/*', (_call, response) => refuse(response, 500, 'device is busy'));
  await assert.rejects(second.close(), {
    code: 'cleanup-failed',
    message: 'containers of this run could not be removed: device is busy',
    hint: 'Remove them by hand: docker rm --force $(docker ps --all --quiet --filter label=crabllm-bench.run=run-2)',
  });
});

test('an engine that is silent at the end is not waited for', { timeout: 20_000 }, async () => {
  await using engine = await FakeEngine.start();
  const runtime = await connectTo(engine);
  engine.overrides.set('GET /containers/json', () => undefined);
  await runtime.close();
});
