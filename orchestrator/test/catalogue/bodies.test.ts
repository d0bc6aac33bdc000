import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { attest } from '#src/attest/attest.js';
import { scenarioBody } from '#src/catalogue/scenarios.js';
import { readBenchOptions } from '#src/cli/options/bench.js';
import { tableOf } from '#src/execute/request-table.js';
import { createNativeDriver } from '#src/load/native/driver.js';
import { type RunningMock, startMock } from '../load/native/mock-process.js';

const folder = mkdtempSync(join(tmpdir(), 'bodies-'));
let mock: RunningMock;
before(async () => {
  mock = await startMock();
});
after(() => {
  mock.child.kill();
  rmSync(folder, { recursive: true });
});

const CHAT = { model: 'mine', messages: [{ role: 'user', content: 'good morning' }] };
const LINES = [
  CHAT,
  { ...CHAT, stream: true },
  { messages: [{ role: 'user', content: [{ type: 'text', text: 'in parts' }] }] },
  { path: '/v1/messages', body: { max_tokens: 50, messages: [{ role: 'user', content: 'good evening' }] } },
  { path: '/v1/responses', body: { input: 'good night' } },
  { path: '/v1/embeddings', body: { input: ['one', 'two'], encoding_format: 'float' } },
].map((line) => JSON.stringify(line));

function written(lines: readonly string[]): string {
  const file = join(folder, 'requests.jsonl');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

test('requests of one’s own are attested line by line, sent, checked, and counted by kind', async () => {
  const { blend } = readBenchOptions({ bodies: written(LINES) });
  const scenario = blend?.scenario ?? assert.fail();
  assert.deepEqual(scenario.blend?.partOf, ['chat', 'chat-stream', 'chat', 'messages', 'responses', 'embeddings']);
  const target = { url: mock.url, modelPrefix: '', headers: {} };
  const attested = await attest(target, target, scenario, new AbortController().signal);
  assert.ok(attested.state === 'passed', JSON.stringify(attested));
  assert.equal(attested.expected.length, LINES.length);
  const driver = createNativeDriver();
  try {
    const { record } = await driver.run(
      {
        url: mock.url + scenario.path,
        headers: {},
        body: scenarioBody(scenario, target),
        streaming: scenario.streaming,
        ...tableOf(scenario, target, attested.expected),
        level: { kind: 'rps', value: 100 },
        warmupMs: 0,
        measureMs: 600,
        timeoutMs: 10_000,
        expectedLatencyMs: 5,
        seed: 4,
      },
      new AbortController().signal,
    );
    assert.deepEqual([record.ok, record.errors, record.dropped], [record.scheduled, {}, 0]);
    assert.deepEqual(
      new Set(record.parts?.map(({ name }) => name)),
      new Set(['chat', 'chat-stream', 'messages', 'responses', 'embeddings']),
    );
  } finally {
    await driver.close();
  }
});

test('a request goes as it is, but for the model’s name and the id behind a text of it', () => {
  const { blend } = readBenchOptions({ bodies: written(LINES) });
  const [first, , parts] = blend?.scenario.blend?.kinds ?? [];
  const sent = JSON.parse(scenarioBody(first ?? assert.fail(), { modelPrefix: 'openai/' })) as typeof CHAT;
  assert.equal(sent.model, 'openai/bench-chat');
  assert.match(sent.messages[0]?.content ?? '', /^good morning \[\[bench id=0{16}\]\]$/);
  assert.match(scenarioBody(parts ?? assert.fail(), { modelPrefix: '' }), /"text":"in parts \[\[bench id=/);
});

test('a line that cannot be sent is refused with its number and the form that is wanted', () => {
  for (const [line, why] of [
    ['{"messages":', /^line 2 is no JSON/],
    ['[1]', /^line 2 is no JSON object/],
    ['{"prompt":"x"}', /^line 2 has neither "messages" nor "path" and "body" alone/],
    ['{"path":"/v1/files","body":{}}', /^line 2 has the path "\/v1\/files"/],
    ['{"path":"/v1/messages","body":3}', /^line 2 has a body that is no JSON object/],
    ['{"messages":[]}', /^line 2 has no text that an id could stand behind \(the last of its messages with text\)/],
  ] as const) {
    const file = written([LINES[0] ?? '', line]);
    assert.throws(
      () => readBenchOptions({ bodies: file }),
      (thrown: Error & { code?: string; hint?: string }) => {
        assert.equal(thrown.code, 'bodies-invalid');
        const prefix = `--bodies ${file} cannot be sent: `;
        assert.ok(thrown.message.startsWith(prefix), thrown.message);
        assert.match(thrown.message.slice(prefix.length), why);
        assert.match(thrown.hint ?? '', /^Give one request a line: a body of chat/);
        return true;
      },
    );
  }
  assert.throws(() => readBenchOptions({ bodies: written([]) }), { message: /cannot be sent: it has no request\.$/ });
  assert.throws(() => readBenchOptions({ bodies: join(folder, 'none') }), { code: 'bodies-unreadable' });
});

test('--bodies says itself what is sent', () => {
  for (const given of [{ group: 'payload' }, { scenarios: 'chat-minimal' }, { mix: 'chat-minimal,chat-stream' }])
    assert.throws(() => readBenchOptions({ bodies: written(LINES), ...given }), {
      code: 'bad-value',
      message: `--${Object.keys(given)[0]} cannot go with --bodies.`,
    });
});
