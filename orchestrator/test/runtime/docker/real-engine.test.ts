import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connectDocker } from '#src/runtime/docker/connect.js';
import type { DockerRuntime } from '#src/runtime/docker/docker-runtime.js';
import { freePort } from '../../support/free-port.js';
import { calm, gateway, silent, tool } from './support.js';

/** Images that must be on the engine; another one can be named. */
const NODE_IMAGE = process.env['DOCKER_TEST_NODE_IMAGE'] ?? 'node:24-bookworm-slim';
const OHA_IMAGE = 'ghcr.io/hatoo/oha:1.16.0';

const skip = process.env['DOCKER'] === '1' ? false : 'needs an engine: run with DOCKER=1';

async function connect(t: { after: (f: () => Promise<void>) => void }): Promise<DockerRuntime> {
  const runtime = await connectDocker({ runId: `test-${process.pid}-${Date.now()}`, composeFiles: [] });
  t.after(async () => runtime.close());
  return runtime;
}

function program(source: string, port: number) {
  return gateway({ name: `test-${process.pid}`, image: NODE_IMAGE, command: ['node', '-e', source], port });
}

test('a service starts, is sampled, logs and stops', { skip }, async (t) => {
  const runtime = await connect(t);
  const service = program(
    'console.log("up"); setInterval(() => { for (let i = 0; i < 1e6; i += 1); }, 5)',
    await freePort(),
  );
  assert.equal((await runtime.prepare(service, silent, calm)).state, 'available');
  const running = await runtime.start(service, calm);
  while (!(await running.logs()).includes('up\n')) await delay(50);
  const before = await running.sample('whole');
  await delay(500);
  const after = await running.sample('whole');
  assert.ok(before?.cpuUs && after?.cpuUs && after.cpuUs > before.cpuUs, 'CPU time grows');
  assert.ok(after.memoryBytes !== null && after.memoryBytes > 5e6, 'node needs more than 5 MB');
  await running.stop();
  assert.equal(await running.sample('whole'), null);
  assert.equal((await running.exited).outOfMemory, false);
});

test('the memory limit kills, and the end says so', { skip }, async (t) => {
  const runtime = await connect(t);
  const hungry = program('const a = []; setInterval(() => a.push(Buffer.alloc(5e6, 1)), 10)', await freePort());
  const running = await runtime.start({ ...hungry, memoryBytes: 64 * 1024 * 1024 }, calm);
  const { exitCode, outOfMemory } = await running.exited;
  assert.deepEqual({ exitCode, outOfMemory }, { exitCode: 137, outOfMemory: true });
  await running.stop();
});

test('oha loads a server and its result comes back', { skip }, async (t) => {
  const runtime = await connect(t);
  let answered = 0;
  const server = createServer((request, response) => {
    answered += 1;
    request.resume().on('end', () => response.end('{}'));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const args = ['--no-tui', '-z', '1s', '-q', '50', '-c', '4', '-w', '-m', 'POST', '-D', '${dir}/body.json'];
  const output = ['--output-format', 'json', '-o', '${dir}/result.json', `http://127.0.0.1:${address.port}/`];
  const oha = tool({ image: OHA_IMAGE, args: [...args, ...output], outputFiles: ['result.json'] });
  const result = await runtime.runTool(oha, calm);
  server.close();
  assert.equal(result.exitCode, 0, result.stderr);
  const file = result.files.get('result.json');
  assert.ok(file);
  const { statusCodeDistribution } = JSON.parse(Buffer.from(file).toString()) as { statusCodeDistribution: object };
  assert.deepEqual(statusCodeDistribution, { 200: answered });
  assert.ok(result.cpuUs !== null && result.cpuUs > 0);
});
