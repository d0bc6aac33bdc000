import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Fidelity } from '#src/fidelity/result.js';
import { freePort } from '#src/runtime/port.js';

const PROGRAM = fileURLToPath(new URL('../../dist/run.js', import.meta.url));

/** Hands on everything to the provider whose address is its second argument, but for the member `seed`. */
const RELAY = `import http from 'node:http';
import { text } from 'node:stream/consumers';
const [port, provider] = process.argv.slice(2);
http.createServer(async (asked, answer) => {
  if (asked.url === '/health') return answer.end();
  const { seed, ...body } = JSON.parse(await text(asked));
  const headers = { 'content-type': 'application/json' };
  const outward = http.request(provider + asked.url, { method: 'POST', headers }, (answered) =>
    answered.pipe(answer.writeHead(answered.statusCode, answered.headers)));
  outward.end(JSON.stringify(body));
}).listen(Number(port), '127.0.0.1');
`;

function run(...words: readonly string[]) {
  return spawnSync(process.execPath, [PROGRAM, 'fidelity', ...words], { encoding: 'utf8' });
}

test('a gateway of one’s own is started, asked, and told field by field what it loses', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'fidelity-'));
  writeFileSync(join(directory, 'relay.mjs'), RELAY);
  const file = join(directory, 'mine.yml');
  writeFileSync(
    file,
    `services:
  mine:
    x-bench:
      port: ${await freePort()}
      health: /health
      ready-timeout: 60s
      serves: [chat]
      process:
        command: ["{node}", "${directory}/relay.mjs", "{port}", "{mock-url}"]
`,
  );
  const markdown = join(directory, 'fidelity.md');
  const common = [
    '--compose',
    file,
    '--gateways',
    'mine',
    '--runtime',
    'process',
    '--mock-port',
    String(await freePort()),
  ];
  const { status, stdout, stderr } = run(...common, '--cases', 'chat,messages', '--json', '--markdown', markdown);
  assert.equal(status, 0, stderr);
  const [mine] = (JSON.parse(stdout) as Fidelity).gateways;
  assert.ok(mine !== undefined && 'cases' in mine, stdout);
  const [chat, messages] = mine.cases;
  assert.ok(chat?.state === 'seen');
  const lost = chat.request.fields.filter(({ state, field }) => state !== 'kept' && !field.startsWith('header '));
  assert.deepEqual(lost, [{ field: 'seed', state: 'lost' }]);
  assert.ok(chat.answer.fields.every(({ state }) => state === 'kept'));
  assert.equal(messages?.state, 'not-offered');
  assert.match(readFileSync(markdown, 'utf8'), /^\| `seed` \| \*\*lost\*\* \|$/m);
});

test('what cannot be asked is refused with what can', () => {
  const { status, stderr } = run('--cases', 'chats');
  assert.equal(status, 2);
  assert.match(stderr, /--cases "chats" is not known\. Did you mean "chat"\?/);
});
