import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FakeContainer, FakeEngine, refuse } from './fake-engine.js';
import { calm, connectTo, tool, withCode } from './support.js';

const SEEN = { Id: 'sha256:aa', Config: { Labels: {} } };

test('a tool gets its files before it starts, and what it wrote is brought back', async () => {
  await using engine = await FakeEngine.start();
  engine.images.set(tool().image, SEEN);
  const runtime = await connectTo(engine);
  let seen: FakeContainer | undefined;
  engine.program = (container) => {
    seen = container;
    engine.write(container, 1, 'done\n');
    engine.write(container, 2, 'a warning\n');
    container.files.set('/crabllm-bench/result.json', Buffer.from('{"answers":1}'));
    setImmediate(() => engine.exit(container, 0));
  };
  const { ranMs, ...result } = await runtime.runTool(tool(), calm);
  assert.ok(ranMs.from <= ranMs.until);
  assert.deepEqual(result, {
    exitCode: 0,
    stdout: 'done\n',
    stderr: 'a warning\n',
    files: new Map([['result.json', Buffer.from('{"answers":1}')]]),
    cpuUs: null,
    version: '1.16.0',
  });
  assert.deepEqual(seen?.spec.Cmd, ['-D', '/crabllm-bench/body.json', '-o', '/crabllm-bench/result.json']);
  assert.equal(seen?.modes.get('/crabllm-bench'), 0o1777, 'any user of an image may write there');
  assert.equal(seen?.files.get('/crabllm-bench/body.json')?.toString(), '{}');
  assert.equal(seen?.spec['StopSignal'], 'SIGINT');
  assert.equal(seen?.spec.Labels['crabllm-bench.role'], 'tool');
  assert.equal(engine.containers.size, 0);
});

test('a tool runs on the CPUs that it is given, else on any', async () => {
  await using engine = await FakeEngine.start();
  engine.images.set(tool().image, SEEN);
  const seen: unknown[] = [];
  engine.program = (container) => {
    seen.push([container.spec.HostConfig['CpusetCpus'], container.spec.HostConfig['NetworkMode']]);
    engine.exit(container, 0);
  };
  const runtime = await connectTo(engine);
  await runtime.runTool(tool({ cpuset: '2-3' }), calm);
  await runtime.runTool(tool(), calm);
  assert.deepEqual(seen, [
    ['2-3', 'host'],
    [undefined, 'host'],
  ]);
});

test('a tool that fails keeps its exit code and output', async () => {
  await using engine = await FakeEngine.start();
  engine.images.set(tool().image, SEEN);
  engine.program = (container) => {
    engine.write(container, 2, 'unexpected argument\n');
    engine.exit(container, 2);
  };
  const { exitCode, stderr, files } = await (await connectTo(engine)).runTool(tool(), calm);
  assert.deepEqual({ exitCode, stderr, files: files.size }, { exitCode: 2, stderr: 'unexpected argument\n', files: 0 });
});

test('a tool that takes too long is killed, and has no exit code', async () => {
  await using engine = await FakeEngine.start();
  engine.images.set(tool().image, SEEN);
  engine.program = (container) => engine.write(container, 1, 'still at it\n');
  const result = await (await connectTo(engine)).runTool(tool({ timeoutMs: 20 }), calm);
  assert.equal(result.exitCode, null);
  assert.equal(result.stdout, 'still at it\n');
  assert.ok(engine.diary.includes('POST /containers/crabllm-bench-oha-1/kill'));
  assert.equal(engine.containers.size, 0);
});

test('abort and close end a tool', async () => {
  await using engine = await FakeEngine.start();
  engine.images.set(tool().image, SEEN);
  const runtime = await connectTo(engine);
  const stop = new AbortController();
  engine.program = () => stop.abort();
  assert.equal((await runtime.runTool(tool(), stop.signal)).exitCode, null);
  const started = new Promise<void>((resolve) => {
    engine.program = () => resolve();
  });
  const running = runtime.runTool(tool(), calm);
  await started;
  await runtime.close();
  assert.equal((await running).exitCode, null);
  assert.equal(engine.containers.size, 0);
});

test('a tool that cannot start is start-failed; an engine that dies under it is gone', async () => {
  await using engine = await FakeEngine.start();
  const runtime = await connectTo(engine);
  engine.overrides.set('POST /containers/*/start', (_call, response) => refuse(response, 500, 'no such runtime'));
  await assert.rejects(runtime.runTool(tool(), calm), withCode('start-failed'));
  assert.equal(engine.containers.size, 0);
  engine.overrides.clear();
  engine.program = () => setImmediate(() => engine.die());
  await assert.rejects(runtime.runTool(tool(), calm), withCode('engine-gone'));
});

test('when a tool cannot be killed, nothing of it keeps this program alive', { timeout: 20_000 }, async () => {
  await using engine = await FakeEngine.start();
  engine.images.set(tool().image, SEEN);
  const runtime = await connectTo(engine);
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const letGo = new Promise<void>((resolve) => {
    engine.program = (container) => void container.attached[0]?.once('close', resolve);
  });
  engine.overrides.set('POST /containers/*/kill', (_call, response) => refuse(response, 500, 'cannot kill'));
  const before = timers();
  engine.overrides.set('DELETE /containers/*', (_call, response) => refuse(response, 500, 'stays'));
  await assert.rejects(runtime.runTool(tool({ timeoutMs: 20 }), calm), withCode('start-failed'));
  await letGo;
  assert.equal(timers(), before);
});
