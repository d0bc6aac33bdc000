import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { FakeEngine } from '../runtime/docker/fake-engine.js';

const RUN = fileURLToPath(import.meta.resolve('#src/run.js'));
const ENDING = import.meta.resolve('#src/cli/ending.js');

async function outcomeOf(child: ChildProcess) {
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout as Readable),
    text(child.stderr as Readable),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { stdout, stderr, code };
}

function runScript(body: string): ChildProcess {
  const script = `import { createServer } from 'node:net'; import { endWith } from ${JSON.stringify(ENDING)}; ${body}`;
  return spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'pipe'] });
}

test('what still hangs keeps the process no longer than a moment, and all of its output is there', {
  timeout: 30_000,
}, async () => {
  const child = runScript(`
    createServer().listen(0);
    process.stdout.write('x'.repeat(1_000_000) + 'end');
    await endWith(Promise.resolve(3));`);
  const { stdout, code } = await outcomeOf(child);
  assert.equal(code, 3);
  assert.equal(stdout.length, 1_000_003);
});

test('a command that waits for what can no longer come is a fault of this program, and says so', async () => {
  const { code, stderr } = await outcomeOf(runScript('await endWith(new Promise(() => {}));'));
  assert.equal(code, 1);
  assert.match(stderr, /^crabllm-bench: a fault of this program: it waited/);
});

const bench = (engine: FakeEngine, ...options: string[]): ChildProcess =>
  spawn(process.execPath, [RUN, 'bench', '--dry-run', '--quick', '--gateways', 'crabllm', ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DOCKER_HOST: `unix://${engine.socketPath}` },
  });

test('with an engine that accepts and stays silent, bench says so and ends', { timeout: 60_000 }, async () => {
  await using engine = await FakeEngine.start();
  engine.overrides.set('GET /version', () => undefined);
  const asked = await outcomeOf(bench(engine, '--runtime', 'docker'));
  assert.equal(asked.code, 4, asked.stderr);
  assert.match(asked.stderr, /no Docker engine answers at unix:.* \(DOCKER_HOST: no answer within 5 s\)/);
  const chosen = await outcomeOf(bench(engine));
  assert.equal(chosen.code, 0, chosen.stderr);
  assert.match(chosen.stderr, /^runtime process: no Docker engine answers/m);
});

test('with an engine that falls silent once it has said who it is, bench ends', { timeout: 60_000 }, async () => {
  await using engine = await FakeEngine.start();
  engine.overrides.set('GET /containers/json', () => undefined);
  const { code, stdout } = await outcomeOf(bench(engine, '--runtime', 'docker'));
  assert.equal(code, 0);
  assert.match(stdout, /block 1/);
});
