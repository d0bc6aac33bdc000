import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { linesOf } from '#src/cli/try-gateway.js';
import { freePort } from '#src/runtime/port.js';

const PROGRAM = fileURLToPath(new URL('../../dist/run.js', import.meta.url));

/** Hands on everything to the mock whose address is its second argument; with a third one the answers are spoilt. */
const RELAY = `import http from 'node:http';
const [port, mock, spoilt] = process.argv.slice(2);
http.createServer((asked, answer) => {
  const { method, headers } = asked;
  const url = asked.url.replace(/^\\/openai/, '');
  // Health is asked without the base path, everything else behind it.
  if (url !== '/health' && url === asked.url) return answer.writeHead(404).end();
  asked.pipe(http.request(mock + url, { method, headers }, (answered) => {
    if (spoilt === undefined) return answered.pipe(answer.writeHead(answered.statusCode, answered.headers));
    answered.resume();
    answer.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }));
}).listen(Number(port), '127.0.0.1');
`;

async function tryFile(command: string): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'try-gateway-'));
  writeFileSync(join(directory, 'relay.mjs'), RELAY);
  const file = join(directory, 'mine.yml');
  const port = await freePort();
  writeFileSync(
    file,
    `services:
  mine:
    x-bench:
      port: ${port}
      health: /health
      base-path: /openai
      ready-timeout: 20s
      serves: [chat, chat-stream, embeddings]
      process:
        command: ["{node}", "${directory}/relay.mjs", ${command}]
`,
  );
  const mockPort = String(await freePort());
  const words = [PROGRAM, 'try-gateway', file, '--runtime', 'process', '--mock-port', mockPort];
  const env = { ...process.env, CRABLLM_BENCH_HOME: directory };
  return spawnSync(process.execPath, words, { encoding: 'utf8', env });
}

test('an entry that answers right is asked every scenario, and printed as a row', async () => {
  const { status, stdout, stderr } = await tryFile('"{port}", "{mock-url}"');
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /^mine \(names no version\): ready after \d+\.\d s$/m);
  for (const scenario of ['chat-minimal', 'chat-stream', 'embeddings'])
    assert.match(stdout, new RegExp(`^  ${scenario}: as the mock answers$`, 'm'));
  assert.match(stdout, /^ {2}chat-tools: not offered: its entry does not serve tools$/m);
  assert.match(stdout, /^\| mine \| {2}\| {2}\| {2}\| process \| chat, chat-stream, embeddings \|/m);
});

test('one that answers wrong is told so, and so is one that cannot be started', async () => {
  const spoilt = await tryFile('"{port}", "{mock-url}", "spoilt"');
  assert.equal(spoilt.status, 3, spoilt.stdout + spoilt.stderr);
  assert.match(spoilt.stdout, /^ {2}chat-minimal: failed: /m);
  const ended = await tryFile('"no port"');
  assert.equal(ended.status, 3, ended.stdout + ended.stderr);
  assert.match(ended.stdout, /^mine: it exited with code 1/m);
});

test('what an entry printed before it ended is shown', () => {
  assert.deepEqual(linesOf('mine', { reason: { code: 'exited', message: 'it ended' }, log: 'a\nno such key\n' }), [
    'mine: it ended',
    '  its last words:',
    '    a',
    '    no such key',
  ]);
});
