import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { post, startMock, type StartedMock } from '../support/started-mock.js';

const chat = { model: 'bench-chat', messages: [{ role: 'user', content: 'hi' }] };
const tool = { type: 'function', function: { name: 'f', parameters: {} } };
const MAX_BODY = 100_000;

let mock: StartedMock;
before(async () => {
  mock = await startMock('--max-body', String(MAX_BODY));
});
after(() => mock.stop());

/** `undefined` leaves a value open. */
async function assertOpenAiError(
  response: Response,
  status: number,
  param: string | null,
  code: string | null | undefined,
) {
  const body = (await response.json()) as { error: Record<string, unknown> };
  assert.equal(response.status, status, JSON.stringify(body));
  assert.deepEqual(Object.keys(body.error), ['message', 'type', 'param', 'code']);
  assert.equal(body.error['param'], param);
  if (code !== undefined) assert.equal(body.error['code'], code);
  assert.equal(typeof body.error['message'], 'string');
  assert.match(response.headers.get('x-request-id') ?? '', /^req_/);
}

describe('what OpenAI’s endpoints refuse', () => {
  const bodies: readonly [path: string, body: unknown, status: number, param: string | null, code?: string | null][] = [
    ['chat/completions', '', 400, null, null],
    ['chat/completions', '{', 400, null, null],
    ['chat/completions', '[1]', 400, null, null],
    ['chat/completions', '{"model":"bench-chat","messages":[}', 400, null, null],
    ['chat/completions', { messages: chat.messages }, 400, 'model'],
    ['chat/completions', { ...chat, model: 7 }, 400, 'model'],
    ['chat/completions', { ...chat, model: 'x' }, 404, 'model', 'model_not_found'],
    ['chat/completions', { model: 'bench-chat' }, 400, 'messages', 'missing_required_parameter'],
    ['chat/completions', { ...chat, messages: [] }, 400, 'messages', 'invalid_value'],
    ['chat/completions', '{"model":"bench-chat","messages":[ \n\t            ]}', 400, 'messages'],
    ['chat/completions', { ...chat, messages: 'hi' }, 400, 'messages'],
    ['chat/completions', { ...chat, max_tokens: 0 }, 400, 'max_tokens'],
    ['chat/completions', { ...chat, max_completion_tokens: 1.5 }, 400, 'max_completion_tokens'],
    ['chat/completions', { ...chat, n: 0 }, 400, 'n'],
    ['chat/completions', { ...chat, n: 16, max_tokens: 10_000 }, 400, 'n'],
    ['chat/completions', { ...chat, stream: 'yes' }, 400, 'stream'],
    ['chat/completions', { ...chat, stop: ['a', 'b', 'c', 'd', 'e'] }, 400, 'stop'],
    ['chat/completions', { ...chat, stream_options: { include_usage: true } }, 400, 'stream_options'],
    ['chat/completions', { ...chat, reasoning_effort: 'constructor' }, 400, 'reasoning_effort'],
    ['chat/completions', { ...chat, response_format: { type: 'xml' } }, 400, 'response_format.type'],
    ['chat/completions', { ...chat, response_format: { type: 'json_schema' } }, 400, 'response_format.name'],
    ['chat/completions', { ...chat, tools: 'all' }, 400, 'tools'],
    ['chat/completions', { ...chat, tools: [{ type: 'function' }] }, 400, 'tools[0].function.name'],
    ['chat/completions', { ...chat, tools: [{ type: 'x' }] }, 400, 'tools[0].type'],
    ['chat/completions', { ...chat, tool_choice: 'required' }, 400, 'tool_choice'],
    ['chat/completions', { ...chat, tools: [tool], tool_choice: 'x' }, 400, 'tool_choice'],
    ['chat/completions', { ...chat, tools: [tool], tool_choice: { type: 'function' } }, 400, 'tool_choice'],
    ['embeddings', { model: 'bench-embed' }, 400, 'input', 'missing_required_parameter'],
    ['embeddings', { model: 'bench-embed', input: '' }, 400, 'input'],
    ['embeddings', { model: 'bench-embed', input: [] }, 400, 'input'],
    ['embeddings', { model: 'bench-embed', input: ['a', ''] }, 400, 'input'],
    ['embeddings', { model: 'bench-embed', input: ['a', 1] }, 400, 'input'],
    ['embeddings', { model: 'bench-embed', input: [1.5] }, 400, 'input'],
    ['embeddings', { model: 'bench-embed', input: 'a', dimensions: 0 }, 400, 'dimensions'],
    ['embeddings', { model: 'bench-embed', input: 'a', encoding_format: 'hex' }, 400, 'encoding_format'],
    ['completions', { model: 'bench-chat' }, 400, 'prompt', 'missing_required_parameter'],
    ['responses', { model: 'bench-chat' }, 400, 'input', 'missing_required_parameter'],
    ['responses', { model: 'bench-chat', input: 1 }, 400, 'input'],
    ['responses', { model: 'bench-chat', input: 'a', tools: [{ type: 'function' }] }, 400, 'tools[0].name'],
  ];
  for (const [path, body, status, param, code] of bodies) {
    it(`${path} ${typeof body === 'string' ? body : JSON.stringify(body)} → ${status} ${param}`, async () => {
      await assertOpenAiError(await post(mock.url, `/v1/${path}`, body), status, param, code);
    });
  }

  it('refuses a content type that is not JSON with 415', async () => {
    const text = { 'Content-Type': 'text/plain' };
    await assertOpenAiError(await post(mock.url, '/v1/chat/completions', chat, text), 415, null, null);
  });

  for (const type of [
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    'application/vnd.api+json',
    'application/x-www-form-urlencoded',
  ]) {
    it(`takes ${type}`, async () => {
      assert.equal((await post(mock.url, '/v1/chat/completions', chat, { 'Content-Type': type })).status, 200);
    });
  }

  it('refuses a body beyond --max-body with 413, in the provider’s shape', async () => {
    const text = 'x'.repeat(MAX_BODY);
    const big = { ...chat, messages: [{ role: 'user', content: text }], max_tokens: 5 };
    await assertOpenAiError(await post(mock.url, '/v1/chat/completions', big), 413, null, null);
    const response = await post(mock.url, '/v1/messages', big, { 'anthropic-version': '2023-06-01' });
    const body = (await response.json()) as { error: { type: string } };
    assert.deepEqual([response.status, body.error.type], [413, 'request_too_large']);
  });

  it('is heard by a client that sends far more than --max-body', async () => {
    const big = { ...chat, messages: [{ role: 'user', content: 'x'.repeat(1.9 * MAX_BODY) }] };
    await assertOpenAiError(await post(mock.url, '/v1/chat/completions', big), 413, null, null);
  });

  it('refuses what is nested deeper than it can be written again, and lives on', async () => {
    const deep = `${'['.repeat(40_000)}${']'.repeat(40_000)}`;
    const body = `{"model":"bench-chat","input":"a","metadata":{"a":${deep}}}`;
    await assertOpenAiError(await post(mock.url, '/v1/responses', body), 400, null, null);
    assert.equal((await post(mock.url, '/v1/chat/completions', chat)).status, 200);
  });

  it('does not know other paths, and says which method a path takes', async () => {
    await assertOpenAiError(await fetch(`${mock.url}/v1/nope`), 404, null, 'unknown_url');
    const response = await fetch(`${mock.url}/v1/chat/completions`);
    assert.equal(response.headers.get('allow'), 'POST');
    await assertOpenAiError(response, 405, null, null);
    const model = await post(mock.url, '/v1/models/bench-chat', {});
    assert.equal(model.headers.get('allow'), 'GET, HEAD');
    await assertOpenAiError(model, 405, null, null);
  });
});

describe('what Anthropic’s endpoints refuse', () => {
  const version = { 'anthropic-version': '2023-06-01' };
  const ask = { ...chat, max_tokens: 10 };
  const requests: readonly [
    about: string,
    body: unknown,
    headers: Record<string, string>,
    status: number,
    type: string,
  ][] = [
    ['no JSON', '{', version, 400, 'invalid_request_error'],
    ['no version', ask, {}, 400, 'invalid_request_error'],
    ['no max_tokens', chat, version, 400, 'invalid_request_error'],
    ['no messages', { ...ask, messages: [] }, version, 400, 'invalid_request_error'],
    ['another model', { ...ask, model: 'x' }, version, 404, 'not_found_error'],
    ['a nameless tool', { ...ask, tools: [{}] }, version, 400, 'invalid_request_error'],
    ['a form', ask, { ...version, 'Content-Type': 'text/plain' }, 415, 'invalid_request_error'],
  ];
  for (const [about, body, headers, status, type] of requests) {
    it(`${about} → ${status} ${type}`, async () => {
      const response = await post(mock.url, '/v1/messages', body, headers);
      const answer = (await response.json()) as { type: string; error: { type: string }; request_id: string };
      assert.deepEqual([response.status, answer.type, answer.error.type], [status, 'error', type]);
      assert.equal(answer.request_id, response.headers.get('request-id'));
    });
  }

  it('does not know other paths', async () => {
    const response = await post(mock.url, '/v1/messages/nope', {});
    const answer = (await response.json()) as { error: { type: string } };
    assert.deepEqual([response.status, answer.error.type], [404, 'not_found_error']);
  });
});
