import assert from 'node:assert/strict';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { Tell } from '#src/runtime/runtime.js';
import { versionOf } from '#src/runtime/docker/image.js';
import { FakeEngine, namesInTar, progress, refuse } from './fake-engine.js';
import { calm, connectTo, gateway, silent, tool, withCode } from './support.js';

const IMAGE = 'registry.test/crabllm:1.2.3';
const SEEN = { Id: 'sha256:aa', RepoDigests: ['registry.test/crabllm@sha256:bb'], Config: { Labels: null } };

test('an image that is there is taken as it is', async () => {
  await using engine = await FakeEngine.start();
  engine.images.set(IMAGE, SEEN);
  const runtime = await connectTo(engine);
  assert.deepEqual(await runtime.prepare(gateway(), silent, calm), {
    state: 'available',
    version: '1.2.3',
    digest: 'registry.test/crabllm@sha256:bb',
    limitsEnforced: true,
    limitsLeftOut: [],
  });
  engine.images.set(tool().image, { Id: 'sha256:cc', RepoDigests: [], Config: {} });
  assert.deepEqual(await runtime.prepareTool(tool(), silent, calm), {
    state: 'available',
    version: '1.16.0',
    digest: 'sha256:cc',
    limitsEnforced: true,
  });
});

test('limits that the engine cannot enforce are said not to be', async () => {
  await using engine = await FakeEngine.start();
  engine.images.set(IMAGE, SEEN);
  engine.info = { CpuCfsQuota: false };
  const runtime = await connectTo(engine);
  const limited = await runtime.prepare(gateway(), silent, calm);
  assert.equal(limited.state === 'available' && limited.limitsEnforced, false);
  const unlimited = await runtime.prepare(gateway({ cpus: null }), silent, calm);
  assert.equal(unlimited.state === 'available' && unlimited.limitsEnforced, true);
});

test('a missing image is pulled, and a line says so', async () => {
  await using engine = await FakeEngine.start();
  engine.overrides.set('POST /images/create', (call, response) => {
    engine.images.set(call.query.get('fromImage') ?? '', SEEN);
    progress(response, [
      { status: 'Pulling from crabllm', id: '1.2.3' },
      { status: 'Pull complete', id: 'layer' },
    ]);
  });
  const lines: string[] = [];
  const availability = await (await connectTo(engine)).prepare(gateway(), (line) => lines.push(line), calm);
  assert.equal(availability.state, 'available');
  assert.deepEqual(lines, [`pulling ${IMAGE}`]);
});

test('a pull that fails inside its stream, or is refused, or made nothing, is an absence with the engine’s reason', async () => {
  await using engine = await FakeEngine.start();
  const runtime = await connectTo(engine);
  const expectAbsent = async (reason: RegExp): Promise<void> => {
    const availability = await runtime.prepare(gateway(), silent, calm);
    assert.ok(availability.state === 'absent');
    assert.equal(availability.reason.code, 'image-missing');
    assert.match(availability.reason.message, reason);
  };
  engine.overrides.set('POST /images/create', (_call, response) =>
    progress(response, [{ status: 'Pulling' }, { error: 'toomanyrequests: slow down', errorDetail: {} }]),
  );
  await expectAbsent(
    /could not be pulled: toomanyrequests: slow down; try `docker pull registry\.test\/crabllm:1\.2\.3`/,
  );
  engine.overrides.set('POST /images/create', (_call, response) => refuse(response, 404, 'repository does not exist'));
  await expectAbsent(/could not be pulled: repository does not exist;/);
  engine.overrides.set('POST /images/create', (_call, response) => progress(response, [{ status: 'Done' }]));
  await expectAbsent(/does not have it/);
});

test('an engine that dies during a pull is gone, and no absence of the image', async () => {
  await using engine = await FakeEngine.start();
  const runtime = await connectTo(engine);
  engine.overrides.set('POST /images/create', (_call, response) => {
    progress(response, [{ status: 'Pulling' }], false);
    setImmediate(() => engine.die());
  });
  await assert.rejects(runtime.prepare(gateway(), silent, calm), withCode('engine-gone'));
});

test('a pull is interrupted by the signal', async () => {
  await using engine = await FakeEngine.start();
  const runtime = await connectTo(engine);
  const stop = new AbortController();
  engine.overrides.set('POST /images/create', (_call, response) => {
    progress(response, [{ status: 'Pulling' }], false);
    setImmediate(() => stop.abort());
  });
  await assert.rejects(runtime.prepare(gateway(), silent, stop.signal), withCode('interrupted'));
  await assert.rejects(runtime.prepare(gateway(), silent, stop.signal), withCode('interrupted'));
});

test('a build sends its context without what .dockerignore names, and its options', async () => {
  await using engine = await FakeEngine.start();
  const runtime = await connectTo(engine);
  let names: string[] = [];
  engine.overrides.set('POST /build', async (call, response) => {
    names = await namesInTar(gunzipSync(call.body));
    engine.images.set(call.query.get('t') ?? '', SEEN);
    progress(response, [{ stream: 'Step 1/1 : FROM scratch' }, { stream: '\n' }, { stream: 'Successfully built\n' }]);
  });
  const lines: string[] = [];
  const build = { ...(await buildFolder()), target: 'final', args: { A: '1' }, network: 'host' };
  const passing: string[] = [];
  const tell: Tell = (line, how) => (how === 'passing' ? passing : lines).push(line);
  const availability = await runtime.prepare(gateway({ build }), tell, calm);
  assert.equal(availability.state, 'available');
  assert.deepEqual(names.sort(), ['.dockerignore', 'docker/Dockerfile', 'ignored/kept.txt', 'source.txt']);
  const query = engine.calls.find(({ path }) => path === '/build')?.query;
  assert.equal(query?.get('dockerfile'), 'docker/Dockerfile');
  assert.equal(query?.get('networkmode'), 'host');
  assert.equal(query?.get('target'), 'final');
  assert.equal(query?.get('buildargs'), '{"A":"1"}');
  assert.deepEqual(lines, [`building ${IMAGE}`]);
  assert.deepEqual(passing, [`building ${IMAGE}: Step 1/1 : FROM scratch`]);
});

test('a build that fails is an absence with the end of its output', async () => {
  await using engine = await FakeEngine.start();
  const runtime = await connectTo(engine);
  engine.overrides.set('POST /build', (_call, response) =>
    progress(response, [{ stream: 'npm error network\n' }, { error: 'RUN npm ci returned 1', errorDetail: {} }]),
  );
  const build = { ...(await buildFolder()), target: null, args: {}, network: null };
  const availability = await runtime.prepare(gateway({ build }), silent, calm);
  assert.ok(availability.state === 'absent');
  assert.equal(availability.reason.code, 'build-failed');
  assert.match(availability.reason.message, /RUN npm ci returned 1\n {2}npm error network/);

  const outside = await runtime.prepare(
    gateway({ build: { ...build, dockerfile: '/elsewhere/Dockerfile' } }),
    silent,
    calm,
  );
  assert.ok(outside.state === 'absent');
  assert.match(outside.reason.message, /lies outside of the build context/);
});

test('the version is the image’s own label, else a tag that holds a number', () => {
  assert.equal(versionOf('a:1.2', { 'org.opencontainers.image.version': '1.2.7' }), '1.2.7');
  assert.equal(versionOf('host:5000/a:v1.2', null), 'v1.2');
  assert.equal(versionOf('host:5000/a', {}), null);
  assert.equal(versionOf('a:latest', undefined), null);
  assert.equal(versionOf('a@sha256:0123', undefined), null);
});

async function buildFolder(): Promise<{ readonly contextDirectory: string; readonly dockerfile: string }> {
  const contextDirectory = await mkdtemp(join(tmpdir(), 'context-'));
  const file = async (path: string, content = ''): Promise<void> => writeFile(join(contextDirectory, path), content);
  await mkdir(join(contextDirectory, 'ignored'));
  await mkdir(join(contextDirectory, 'docker'));
  await file('.dockerignore', 'ignored/*\n!ignored/kept.txt\n');
  await file('docker/Dockerfile', 'FROM scratch');
  await file('source.txt');
  await file('ignored/kept.txt');
  await file('ignored/big.bin');
  return { contextDirectory, dockerfile: join(contextDirectory, 'docker/Dockerfile') };
}
