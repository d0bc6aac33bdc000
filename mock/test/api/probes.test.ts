import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import OpenAI, { AzureOpenAI } from 'openai';
import { startFast, type InProcess } from '../support/in-process.js';
import { parseResponses, talk } from '../support/raw-client.js';

const CHAT = { model: 'bench-chat', messages: [{ role: 'user' as const, content: 'Hello' }] };

interface Failure {
  readonly error: { readonly message: string; readonly code: string };
}

describe('what clients and gateways try before and beside what they are for', () => {
  let mock: InProcess;
  let open: InProcess;
  let url: string;
  before(async () => {
    [mock, open] = await Promise.all([startFast(['--api-key', 'secret']), startFast(['--cors'])]);
    url = `http://127.0.0.1:${mock.port}`;
  });
  after(() => {
    mock.stop();
    open.stop();
  });

  const get = (path: string, init: RequestInit = {}) => fetch(url + path, init);
  const failure = async (response: Response) => ((await response.json()) as Failure).error;

  it('says that it is alive, and which version, to whoever asks', async () => {
    for (const path of ['/health', '/healthz', '/ready', '/live', '/ping']) {
      const response = await get(path);
      assert.deepEqual([response.status, await response.json()], [200, { status: 'ok' }], path);
    }
    const { version } = (await (await get('/version')).json()) as { version: string };
    assert.match(version, /^\d+\.\d+\.\d+/);
  });

  it('answers HEAD where it answers GET, without a body', async () => {
    const headers = { Authorization: 'Bearer secret' };
    const whole = await get('/v1/models', { headers });
    const head = await get('/v1/models', { method: 'HEAD', headers });
    assert.deepEqual([head.status, await head.text()], [200, '']);
    assert.equal(head.headers.get('content-length'), whole.headers.get('content-length'));
    await whole.text();
    const wrong = await get('/v1/models', { method: 'DELETE', headers });
    assert.deepEqual([wrong.status, wrong.headers.get('allow')], [405, 'GET, HEAD']);
  });

  it('refuses a WebSocket with 426 and what it speaks instead', async () => {
    for (const path of ['/v1/responses', '/v1/realtime?model=x']) {
      const head = `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
      const [refused] = parseResponses(await talk(mock.port, [head]));
      assert.equal(refused?.status, 426);
      assert.deepEqual(
        refused.headers.find(([name]) => name === 'upgrade'),
        ['upgrade', 'HTTP/1.1'],
      );
    }
  });

  it('has no response that was sent, and says so as the provider does', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/cancel'],
      ['GET', '/input_items'],
    ] as const) {
      const response = await get(`/v1/responses/resp_1${path}`, { method });
      assert.deepEqual(
        [response.status, (await failure(response)).message],
        [404, "Response with id 'resp_1' not found."],
      );
    }
  });

  it('counts the tokens of an input as the answer to it would, and finds nothing in a text', async () => {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'secret', maxRetries: 0 });
    const asked = { model: 'bench-chat', input: 'How many tokens are these?', instructions: 'Count.' };
    const { input_tokens: counted, object } = await client.responses.inputTokens.count(asked);
    assert.equal(object, 'response.input_tokens');
    assert.equal(counted, (await client.responses.create(asked)).usage?.input_tokens);
    const { id, model, results } = await client.moderations.create({ input: ['one', 'two'] });
    assert.match(id, /^modr-[0-9a-f]{24}$/);
    assert.deepEqual([model, results.map(({ flagged }) => flagged)], ['omni-moderation-latest', [false, false]]);
    assert.equal(results[0]?.category_scores['self-harm/intent'], 0);
    assert.equal(
      (
        await get('/v1/moderations', {
          method: 'POST',
          headers: { Authorization: 'Bearer secret', 'Content-Type': 'application/json' },
          body: '{}',
        })
      ).status,
      400,
    );
  });

  it('names what it does not play', async () => {
    for (const [path, names] of [
      ['/v1/audio/speech', 'audio'],
      ['/v1/images/generations', 'images'],
      ['/v1/files', 'files'],
      ['/v1/batches', 'batches'],
      ['/v1/conversations', 'conversations'],
      ['/v1/messages/batches', 'messages/batches'],
    ] as const) {
      const response = await get(path, { method: 'POST', body: '{}' });
      const { message } = await failure(response);
      assert.equal(response.status, 404);
      assert.ok(message.startsWith(`The mock does not play ${names} (POST ${path}).`), message);
      assert.match(message, /\/v1\/chat\/completions/);
    }
    assert.equal((await failure(await get('/v1/chat/completion'))).message, 'Invalid URL (GET /v1/chat/completion)');
  });

  it('is Azure too: a deployment for each model, named in the path', async () => {
    const azure = new AzureOpenAI({
      endpoint: url,
      apiKey: 'secret',
      apiVersion: '2024-10-21',
      deployment: 'bench-chat',
      maxRetries: 0,
    });
    const completion = await azure.chat.completions.create({ ...CHAT, model: 'gpt-whatever' });
    assert.equal(completion.model, 'bench-chat');
    const stream = await azure.chat.completions.create({ ...CHAT, stream: true });
    let chunks = 0;
    for await (const _ of stream) chunks++;
    assert.ok(chunks > 2);
    const vectors = new AzureOpenAI({
      endpoint: url,
      apiKey: 'secret',
      apiVersion: '2024-10-21',
      deployment: 'bench-embed',
      maxRetries: 0,
    });
    assert.equal((await vectors.embeddings.create({ model: 'x', input: 'hi' })).data.length, 1);
    const v1 = new OpenAI({ baseURL: `${url}/openai/v1`, apiKey: 'secret', maxRetries: 0 });
    assert.equal((await v1.chat.completions.create(CHAT)).object, 'chat.completion');
  });

  it('says as Azure does what is wrong with a path, a version or a key', async () => {
    const post = (path: string, key = 'secret') =>
      get(path, {
        method: 'POST',
        headers: { 'api-key': key, 'Content-Type': 'application/json' },
        body: JSON.stringify(CHAT),
      });
    const elsewhere = await post('/openai/deployments/gpt-4/chat/completions?api-version=1');
    assert.deepEqual([elsewhere.status, (await failure(elsewhere)).code], [404, 'DeploymentNotFound']);
    const unversioned = await post('/openai/deployments/bench-chat/chat/completions');
    assert.deepEqual([unversioned.status, (await failure(unversioned)).message], [404, 'Resource not found']);
    assert.equal((await post('/openai/deployments/bench-chat/chat/completions?api-version=1', 'wrong')).status, 401);
  });

  it('lets pages read its answers only with --cors', async () => {
    const ask = (port: number) =>
      fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: 'Bearer secret' },
        body: JSON.stringify(CHAT),
      });
    assert.equal((await ask(mock.port)).headers.get('access-control-allow-origin'), null);
    assert.equal((await ask(open.port)).headers.get('access-control-allow-origin'), '*');
    const preflight = await fetch(`http://127.0.0.1:${open.port}/v1/chat/completions`, {
      method: 'OPTIONS',
      headers: { Origin: 'http://x', 'Access-Control-Request-Headers': 'authorization,content-type' },
    });
    assert.equal(preflight.status, 200);
    assert.equal(preflight.headers.get('access-control-allow-headers'), 'authorization,content-type');
    assert.equal((await get('/v1/chat/completions', { method: 'OPTIONS' })).status, 405);
    // What no endpoint takes, and what is wrong with a request, may be read as well.
    const missing = await fetch(`http://127.0.0.1:${open.port}/v1/nothing`);
    assert.deepEqual([missing.status, missing.headers.get('access-control-allow-origin')], [404, '*']);
  });

  it('answers what is pipelined behind an offer of another protocol, or closes the connection', async () => {
    const body = JSON.stringify(CHAT);
    const next = 'GET /health HTTP/1.1\r\nHost: a\r\n\r\n';
    const offers = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA';
    const known = `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer secret\r\n${offers}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    assert.deepEqual(
      parseResponses(await talk(mock.port, [known + next + next])).map(({ status }) => status),
      [200, 200, 200],
    );
    const chunked = `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer secret\r\n${offers}\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    const answer = (await talk(mock.port, [chunked + next])).toString();
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n[^]*\r\nConnection: close\r\n/i);
  });
});
