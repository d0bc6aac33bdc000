import assert from 'node:assert/strict';
import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { hostname, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FakeEngine, frameOf, refuse } from './fake-engine.js';
import { freePort } from '../../support/free-port.js';
import { calm, connectTo, gateway, silent, withCode } from './support.js';

/** Makes the fake engine look as if it ran on this very host. */
function makeLocal(engine: FakeEngine): void {
  engine.info = { Name: hostname() };
  engine.version = { KernelVersion: release() };
}

test('a service is created locked down and limited, watched before it starts, and removed when stopped', async () => {
  await using engine = await FakeEngine.start();
  const runtime = await connectTo(engine);
  engine.diary.length = 0;
  const running = await runtime.start(gateway({ cpuset: '0-1', user: '1000' }), calm);
  const container = engine.named('crabllm-bench-crabllm-1');
  assert.ok(container);
  assert.equal(running.url, 'http://127.0.0.1:6666');
  assert.deepEqual(container.spec.Cmd, ['serve']);
  assert.deepEqual(container.spec['Env'], ['LEVEL=error']);
  assert.equal(container.spec['User'], '1000');
  assert.deepEqual(container.spec['Healthcheck'], { Test: ['NONE'] });
  assert.deepEqual(
    { ...container.spec.HostConfig, LogConfig: undefined },
    {
      NetworkMode: 'host',
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Init: true,
      AutoRemove: false,
      RestartPolicy: { Name: 'no' },
      LogConfig: undefined,
      Mounts: [],
      NanoCpus: 2_000_000_000,
      Memory: 536_870_912,
      MemorySwap: 536_870_912,
      CpusetCpus: '0-1',
    },
  );
  const { Labels } = container.spec;
  assert.equal(Labels['com.docker.compose.project'], 'crabllm-bench');
  assert.equal(Labels['com.docker.compose.service'], 'crabllm');
  assert.equal(Labels['com.docker.compose.container-number'], '1');
  assert.equal(Labels['com.docker.compose.oneoff'], 'False');
  assert.equal(Labels['com.docker.compose.project.working_dir'], '/project/compose');
  assert.equal(Labels['com.docker.compose.project.config_files'], '/project/compose/docker-compose.yml');
  assert.match(Labels['com.docker.compose.config-hash'] ?? '', /^[0-9a-f]{64}$/);
  assert.equal(Labels['crabllm-bench.run'], 'run-1');
  assert.equal(Labels['crabllm-bench.role'], 'gateway');
  assert.equal(Labels['crabllm-bench.owner.pid'], String(process.pid));

  await running.stop();
  assert.deepEqual(await running.exited, { exitCode: 143, signal: 'SIGTERM', outOfMemory: false });
  assert.equal(engine.containers.size, 0);
  const wait = engine.diary.indexOf('POST /containers/crabllm-bench-crabllm-1/wait');
  const start = engine.diary.indexOf('POST /containers/crabllm-bench-crabllm-1/start');
  assert.ok(wait !== -1 && wait < start, engine.diary.join('\n'));
  await running.stop();
});

test('the end of a service tells exit code, signal and whether memory ran out', async () => {
  await using engine = await FakeEngine.start();
  const runtime = await connectTo(engine);
  engine.program = (container) => setImmediate(() => engine.exit(container, 137, true));
  const killed = await runtime.start(gateway(), calm);
  assert.deepEqual(await killed.exited, { exitCode: 137, signal: 'SIGKILL', outOfMemory: true });
  await killed.stop();
  engine.program = (container) => engine.exit(container, 3);
  const failed = await runtime.start(gateway(), calm);
  assert.deepEqual(await failed.exited, { exitCode: 3, signal: null, outOfMemory: false });
  await failed.stop();
  assert.equal(engine.containers.size, 0, 'stopping what has ended (304) removes it all the same');
});

test('logs come without frame headers, both streams, and at most their last 256 KiB', async () => {
  await using engine = await FakeEngine.start();
  const running = await (await connectTo(engine)).start(gateway(), calm);
  const container = engine.named('crabllm-bench-crabllm-1');
  assert.ok(container);
  engine.write(container, 1, 'ready\n');
  engine.write(container, 2, 'oops\n');
  assert.equal(await running.logs(), 'ready\noops\n');
  container.log = Buffer.concat(Array.from({ length: 9000 }, () => frameOf(1, Buffer.from(`${'x'.repeat(63)}\n`))));
  const logs = await running.logs();
  assert.ok(logs.length <= 256 * 1024 && logs.length > 255 * 1024);
  assert.match(logs, /^x{63}\n/, 'begins at a whole line');
  await running.stop();
  assert.equal(await running.logs(), logs, 'what was read last survives the container');
});

test('config files are mounted read-only where the engine shares the files, private ones are copied', async () => {
  await using engine = await FakeEngine.start();
  makeLocal(engine);
  const directory = await mkdtemp(join(tmpdir(), 'config-'));
  const [shared, secret] = [join(directory, 'shared.toml'), join(directory, 'secret.toml')];
  await writeFile(shared, 'shared');
  await writeFile(secret, 'secret');
  await chmod(shared, 0o644);
  await chmod(secret, 0o600);
  const mounts = [
    { hostPath: shared, containerPath: '/app/shared.toml' },
    { hostPath: secret, containerPath: '/app/secret.toml' },
  ];
  const runtime = await connectTo(engine);
  const port = await freePort();
  const running = await runtime.start(gateway({ mounts, port }), calm);
  const container = engine.named('crabllm-bench-crabllm-1');
  assert.deepEqual(container?.spec.HostConfig['Mounts'], [
    { Type: 'bind', Source: shared, Target: '/app/shared.toml', ReadOnly: true },
  ]);
  assert.equal(container?.files.get('/app/secret.toml')?.toString(), 'secret');
  assert.equal(container?.modes.get('/app/secret.toml'), 0o444);
  await running.stop();
});

test('an engine on another host gets every config file copied in', async () => {
  await using engine = await FakeEngine.start();
  const file = join(await mkdtemp(join(tmpdir(), 'config-')), 'a.toml');
  await writeFile(file, 'a', { mode: 0o644 });
  const mounts = [{ hostPath: file, containerPath: '/app/a.toml' }];
  const running = await (await connectTo(engine)).start(gateway({ mounts }), calm);
  const container = engine.named('crabllm-bench-crabllm-1');
  assert.deepEqual(container?.spec.HostConfig['Mounts'], []);
  assert.equal(container?.files.get('/app/a.toml')?.toString(), 'a');
  await running.stop();
});

test('a missing config file, a refused creation and a refused start are start-failed, and nothing stays', async () => {
  await using engine = await FakeEngine.start();
  const runtime = await connectTo(engine);
  const mounts = [{ hostPath: '/nowhere/a.toml', containerPath: '/app/a.toml' }];
  await assert.rejects(runtime.start(gateway({ mounts }), calm), withCode('start-failed'));

  engine.overrides.set('POST /containers/create', (_call, response) => refuse(response, 404, 'No such image: x:1'));
  await assert.rejects(runtime.start(gateway(), calm), {
    code: 'start-failed',
    message: 'crabllm-bench-crabllm-1 could not be started: No such image: x:1',
  });
  engine.overrides.clear();

  engine.overrides.set('POST /containers/*/start', (_call, response) =>
    refuse(response, 400, 'exec: "nope": not found'),
  );
  await assert.rejects(runtime.start(gateway(), calm), {
    code: 'start-failed',
    message: 'crabllm could not be started: exec: "nope": not found',
  });
  assert.equal(engine.containers.size, 0);
});

test('a taken port is told before anything is created', async () => {
  await using engine = await FakeEngine.start();
  makeLocal(engine);
  const holder = createServer();
  const port = await listen(holder);
  await assert.rejects((await connectTo(engine)).start(gateway({ port }), calm), withCode('port-in-use'));
  assert.ok(!engine.diary.includes('POST /containers/create'));
  holder.close();
});

test('a service that is interrupted while it starts leaves no container', async () => {
  await using engine = await FakeEngine.start();
  const runtime = await connectTo(engine);
  const stop = new AbortController();
  engine.program = () => stop.abort();
  await assert.rejects(runtime.start(gateway(), stop.signal), withCode('interrupted'));
  assert.equal(engine.containers.size, 0);
});

test('an engine that dies settles what waits and fails what is asked', async () => {
  await using engine = await FakeEngine.start();
  const runtime = await connectTo(engine);
  const running = await runtime.start(gateway(), calm);
  engine.die();
  assert.deepEqual(await running.exited, { exitCode: null, signal: null, outOfMemory: false });
  assert.equal(await running.sample('whole'), null);
  await assert.rejects(running.logs(), withCode('engine-gone'));
  await assert.rejects(running.stop(), withCode('engine-gone'));
  await assert.rejects(runtime.start(gateway(), calm), withCode('engine-gone'));
  await assert.rejects(
    runtime.prepare(gateway(), () => undefined, calm),
    withCode('engine-gone'),
  );
  await runtime.close();
});

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}

test('limits that the engine cannot enforce are not sent, and are named', async () => {
  await using engine = await FakeEngine.start();
  engine.info = { CpuCfsQuota: false, SwapLimit: false, CPUSet: false };
  engine.images.set(gateway().image ?? '', { Id: 'sha256:1', Config: { Labels: {} } });
  const runtime = await connectTo(engine);
  const service = gateway({ cpuset: '0', version: '9.9.9' });
  const available = await runtime.prepare(service, silent, calm);
  assert.deepEqual(available, {
    state: 'available',
    version: '1.2.3',
    digest: 'sha256:1',
    limitsEnforced: false,
    limitsLeftOut: [
      { limit: 'cpus', said: 'CpuCfsQuota' },
      { limit: 'swap', said: 'SwapLimit' },
      { limit: 'cpuset', said: 'CPUSet' },
    ],
  });
  const running = await runtime.start(service, calm);
  const { NanoCpus, Memory, MemorySwap, CpusetCpus } = engine.named('crabllm-bench-crabllm-1')?.spec.HostConfig ?? {};
  assert.deepEqual([NanoCpus, Memory, MemorySwap, CpusetCpus], [undefined, 536_870_912, undefined, undefined]);
  await running.stop();
});

test('an engine without an init helper is tried without, once', async () => {
  await using engine = await FakeEngine.start();
  const runtime = await connectTo(engine);
  const tried: unknown[] = [];
  engine.overrides.set('POST /containers/*/start', (call, response) => {
    const container = engine.containers.get(call.path.split('/')[2] ?? '');
    tried.push(container?.spec.HostConfig['Init']);
    if (container?.spec.HostConfig['Init'] === true) return refuse(response, 500, 'catatonit: no such file');
    if (container !== undefined) container.state = 'running';
    response.writeHead(204).end();
  });
  await (await runtime.start(gateway(), calm)).stop();
  await (await runtime.start(gateway(), calm)).stop();
  assert.deepEqual(tried, [true, false, false]);
  assert.equal(engine.containers.size, 0);
});

test('a wait that never answers does not hold up the end of a service', { timeout: 20_000 }, async () => {
  await using engine = await FakeEngine.start();
  const runtime = await connectTo(engine);
  engine.overrides.set('POST /containers/*/wait', (_call, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
  });
  const running = await runtime.start(gateway(), calm);
  await running.stop();
  assert.deepEqual(await running.exited, { exitCode: 143, signal: 'SIGTERM', outOfMemory: false });
  assert.equal(engine.containers.size, 0);
});
