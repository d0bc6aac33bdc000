import assert from 'node:assert/strict';
import { test } from 'node:test';
import Docker from 'dockerode';
import { Engine } from '#src/runtime/docker/engine.js';
import { isRefusal, refusalOf } from '#src/runtime/docker/engine-error.js';
import { FakeEngine, refuse } from './fake-engine.js';
import { withCode } from './support.js';

function engineOf(fake: FakeEngine): Engine {
  const docker = new Docker({ socketPath: fake.socketPath });
  // Nothing in these tests reads the facts.
  return new Engine(docker, {} as Engine['facts'], 'the fake');
}

test('a refusal keeps status and the engine’s own words, from whole and from streamed answers', async () => {
  await using fake = await FakeEngine.start();
  const engine = engineOf(fake);
  fake.overrides.set('GET /info', (_call, response) => refuse(response, 500, 'the disk is full'));
  fake.overrides.set('POST /images/create', (_call, response) => refuse(response, 500, 'no route - to the registry'));
  const whole = await engine.call('ask', () => engine.docker.info()).catch((error: unknown) => error);
  assert.deepEqual(refusalOf(whole), { statusCode: 500, reason: 'the disk is full' });
  assert.ok(isRefusal(whole, 404, 500) && !isRefusal(whole, 404));
  const streamed = await engine
    .call('pull', async () => engine.docker.createImage({ fromImage: 'x' }))
    .catch((error: unknown) => error);
  assert.deepEqual(refusalOf(streamed), { statusCode: 500, reason: 'no route - to the registry' });
});

test('an engine that accepts and never answers is given up', async () => {
  await using fake = await FakeEngine.start();
  const engine = engineOf(fake);
  fake.overrides.set('GET /containers/json', () => undefined);
  await assert.rejects(
    engine.call('say who it is', (abortSignal) => engine.docker.listContainers({ abortSignal }), 30),
    withCode('engine-gone'),
  );
});

test('an answer that breaks off in its middle is given up too', async () => {
  await using fake = await FakeEngine.start();
  const engine = engineOf(fake);
  fake.overrides.set('GET /containers/json', (_call, response) => {
    response.writeHead(200, { 'content-length': 1000 }).write('{"Name":');
    setImmediate(() => response.destroy());
  });
  await assert.rejects(
    engine.call('say who it is', (abortSignal) => engine.docker.listContainers({ abortSignal }), 100),
    withCode('engine-gone'),
  );
});

test('a fault of this program is not blamed on the engine', async () => {
  await using fake = await FakeEngine.start();
  await assert.rejects(
    engineOf(fake).call('x', async () => (undefined as unknown as { y: () => Promise<void> }).y()),
    TypeError,
  );
});

test('an engine that was silent once is not waited for as long again, until it answers', async () => {
  await using fake = await FakeEngine.start();
  const engine = engineOf(fake);
  fake.overrides.set('GET /containers/json', () => undefined);
  const list = (timeoutMs: number) =>
    engine.call('list', (abortSignal) => engine.docker.listContainers({ abortSignal }), timeoutMs);
  await assert.rejects(list(20), withCode('engine-gone'));
  await assert.rejects(list(60_000), /no answer for 1 s when asked to list/);
  fake.overrides.clear();
  assert.deepEqual(await list(60_000), []);
});

test('a request that was given up leaves no connection behind', async () => {
  await using fake = await FakeEngine.start();
  const engine = engineOf(fake);
  const closed = new Promise<void>((resolve) => {
    fake.overrides.set('GET /containers/json', (_call, response) => void response.once('close', resolve));
  });
  await assert.rejects(engine.call('list', (abortSignal) => engine.docker.listContainers({ abortSignal }), 20));
  await closed;
});
