import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiToUse, connectDocker, dockerAnswers, endpoint } from '#src/runtime/docker/connect.js';
import { FakeEngine } from './fake-engine.js';
import { connectTo, withCode } from './support.js';

test('the API version is the one written for, moved into what the engine speaks', () => {
  assert.equal(apiToUse('1.41', '1.12'), '1.41', 'Engine 20.10');
  assert.equal(apiToUse('1.44', '1.24'), '1.44', 'Engine 25');
  assert.equal(apiToUse('1.52', '1.44'), '1.44', 'Engine 29');
  assert.equal(apiToUse('1.60', '1.50'), '1.50', 'an engine of the future');
  assert.equal(apiToUse('1.9', undefined), '1.9', 'numbers are compared, not text');
});

test('the transport follows DOCKER_HOST', () => {
  assert.equal(endpoint('/x/docker.sock', 'tcp://far:2375').address, 'unix:///x/docker.sock');
  assert.equal(endpoint(undefined, 'unix:///run/user/1000/docker.sock').transport, 'socket');
  assert.equal(endpoint(undefined, 'tcp://far:2375').transport, 'tcp');
  assert.equal(endpoint(undefined, 'ssh://me@far').transport, 'ssh');
  assert.equal(endpoint(undefined, '').transport, 'socket');
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
