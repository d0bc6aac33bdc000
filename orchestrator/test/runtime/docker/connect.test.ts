import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { apiToUse, connectDocker, dockerAnswers } from '#src/runtime/docker/connect.js';
import { FakeEngine } from './fake-engine.js';
import { connectTo, withCode } from './support.js';

test('the API version is the one written for, moved into what the engine speaks', () => {
  assert.equal(apiToUse('1.41', '1.12'), '1.41', 'Engine 20.10');
  assert.equal(apiToUse('1.44', '1.24'), '1.44', 'Engine 25');
  assert.equal(apiToUse('1.52', '1.44'), '1.44', 'Engine 29');
  assert.equal(apiToUse('1.60', '1.50'), '1.50', 'an engine of the future');
  assert.equal(apiToUse('1.9', undefined), '1.9', 'numbers are compared, not text');
});

test('without an engine connecting throws engine-unreachable, and asking says no with the reason', async () => {
  const socketPath = '/nowhere/docker.sock';
  await assert.rejects(connectDocker({ runId: 'r', composeFiles: [], socketPath }), withCode('engine-unreachable'));
  const answer = await dockerAnswers(socketPath);
  assert.equal(answer.answers, false);
  assert.match(answer.detail, /no Docker engine answers at unix:\/\/\/nowhere\/docker\.sock/);
});

test('an engine says what it is, and requests carry the pinned API version', async () => {
  await using engine = await FakeEngine.start();
  assert.match((await dockerAnswers(engine.socketPath)).detail, /^Docker engine 28\.3\.3 answers at unix:/);
  assert.deepEqual(await (await connectTo(engine)).versions(), {
    engine: '28.3.3',
    engineApi: '1.51',
    kernel: '6.8.0-71-generic',
    cgroup: 'v2 (systemd)',
    operatingSystem: 'Ubuntu 24.04.3 LTS',
    architecture: 'amd64',
  });
});

test('an engine that accepts and stays silent is given up, and no connection stays open', {
  timeout: 30_000,
}, async () => {
  await using engine = await FakeEngine.start();
  const closed = new Promise<void>((resolve) => {
    engine.overrides.set('GET /version', (_call, response) => void response.once('close', resolve));
  });
  assert.match((await dockerAnswers(engine.socketPath)).detail, /no answer within 5 s/);
  await closed;
});

const ODD: readonly (readonly [string, (response: ServerResponse) => void])[] = [
  ['HTML', (response) => response.end('<html>a web server</html>')],
  ['other JSON', (response) => response.end('{"Version":17}')],
  ['an empty answer', (response) => response.end()],
];

for (const [what, answer] of ODD) {
  test(`what answers with ${what} is no engine`, async () => {
    await using engine = await FakeEngine.start();
    engine.overrides.set('GET /version', (_call, response) => answer(response));
    assert.match((await dockerAnswers(engine.socketPath)).detail, /what answers there is no Docker engine/);
  });
}

test('an answer that is cut off in its middle is no answer', { timeout: 30_000 }, async () => {
  await using engine = await FakeEngine.start();
  engine.overrides.set('GET /version', (_call, response) => {
    response.writeHead(200, { 'content-length': 1000 }).write('{"Version":');
    setImmediate(() => response.destroy());
  });
  assert.equal((await dockerAnswers(engine.socketPath)).answers, false);
});
