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
  return new Engine(docker, {} as Engine['facts'], 'the fake', 'socket');
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
