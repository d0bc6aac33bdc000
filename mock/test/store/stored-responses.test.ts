import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import OpenAI from 'openai';
import { Counters } from '#src/health/counters.js';
import { ResponseStore } from '#src/store/response-store.js';
import { StoredResponses } from '#src/store/stored-responses.js';
import type { Outlet } from '#src/wire/outlet.js';
import type { Reply } from '#src/wire/reply.js';
import { post, startMock, type StartedMock } from '../support/started-mock.js';

const MODEL = 'bench-chat';
const WORKERS = 3;
const ROOM = 32;

let mock: StartedMock;
let client: OpenAI;
before(async () => {
  mock = await startMock('--workers', String(WORKERS), '--store', String(ROOM));
  // A connection for each request, so that they are dealt out among the workers.
  const fetchApart: typeof fetch = (url, init) => {
    const headers = new Headers(init?.headers);
    headers.set('connection', 'close');
    return fetch(url, { ...init, headers });
  };
  client = new OpenAI({ baseURL: `${mock.url}/v1`, apiKey: 'any', maxRetries: 0, fetch: fetchApart });
});
after(() => mock.stop());

/** A body with this input that goes on from a response. */
function asking(id: string): (input: string) => string {
  return (input) => `{"model":"${MODEL}","previous_response_id":"${id}","input":${input}}`;
}

/** What a promise fails with. */
async function failureOf(promise: PromiseLike<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof OpenAI.APIError);
    return error;
  }
  return assert.fail('it was answered');
}

function say(input: string, more: object = {}): Promise<OpenAI.Responses.Response> {
  return client.responses.create({ model: MODEL, input, ...more, stream: false });
}

function isThere(id: string): Promise<boolean> {
  return client.responses.retrieve(id).then(
    () => true,
    () => false,
  );
}

describe('responses that are kept', () => {
  it('are fetched as they were given, whichever worker is asked', async () => {
    const given = await say('Hello');
    for (let i = 0; i < 3 * WORKERS; i++) {
      const fetched = await client.responses.retrieve(given.id);
      assert.deepEqual({ ...fetched, output_text: '' }, { ...given, output_text: '' });
    }
  });

  it('are fetched whole when they were streamed, and as failed when they failed', async () => {
    for (const [words, status] of [
      ['', 'completed'],
      [' [[bench gap=1]]', 'completed'],
      [' [[bench fault=error-frame tokens=9]]', 'failed'],
    ]) {
      const stream = await client.responses.create({ model: MODEL, input: `Hello${words}`, stream: true });
      let id = '';
      for await (const event of stream) if (event.type === 'response.created') ({ id } = event.response);
      const fetched = await client.responses.retrieve(id);
      assert.equal(fetched.id, id);
      assert.equal(fetched.status, status);
    }
  });

  it('list their input, the last item first unless told otherwise, a page at a time', async () => {
    const input = ['one', 'two', 'three'].map((content) => ({ role: 'user' as const, content }));
    const { id } = await client.responses.create({ model: MODEL, input });
    const texts = [];
    for await (const item of client.responses.inputItems.list(id, { limit: 2, order: 'asc' })) {
      assert.ok('content' in item && item.id !== undefined);
      texts.push(item.content);
    }
    assert.deepEqual(texts, ['one', 'two', 'three']);
    const { data } = await client.responses.inputItems.list(id);
    assert.ok('content' in (data[0] as object) && (data[0] as { content: unknown }).content === 'three');
    assert.match((await failureOf(client.responses.inputItems.list(id, { limit: 0 }))).message, /limit/);
    assert.match((await failureOf(client.responses.inputItems.list(id, { after: 'never' }))).message, /after/);
  });

  it('are gone on from, whichever worker is asked: their conversation counts', async () => {
    const first = await say('My name is Bench. [[bench tokens=3]]');
    assert.equal(first.usage?.output_tokens, 3);
    for (let i = 0; i < 3; i++) {
      const second = await say('What is it?', { previous_response_id: first.id });
      assert.equal(second.previous_response_id, first.id);
      // The marker of the first turn is not obeyed again.
      assert.equal(second.usage?.output_tokens, 6);
      assert.ok((second.usage?.input_tokens ?? 0) > (first.usage?.input_tokens ?? 0) + 3);
      const { data } = await client.responses.inputItems.list(second.id, { order: 'asc' });
      assert.deepEqual(
        data.map((item) => 'role' in item && item.role),
        ['user', 'assistant', 'user'],
      );
    }
  });

  it('let an agent answer a call without sending it back', async () => {
    const parameters = { type: 'object', properties: {}, additionalProperties: false };
    const tools = ['a', 'b'].map((name) => ({ type: 'function' as const, name, parameters, strict: true }));
    const called = [];
    let previous_response_id: string | undefined;
    let input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'Hello' }];
    for (let turn = 0; turn < 3; turn++) {
      const ask = { model: MODEL, input, tools, tool_choice: 'required' as const };
      const response = await client.responses.create(previous_response_id ? { ...ask, previous_response_id } : ask);
      const call = response.output.find((item) => item.type === 'function_call');
      assert.ok(call);
      called.push(call.name);
      previous_response_id = response.id;
      input = [{ type: 'function_call_output', call_id: call.call_id, output: 'done' }];
    }
    assert.deepEqual(called, ['a', 'b', 'b']);
    const stray = [{ type: 'function_call_output' as const, call_id: 'call_never', output: '' }];
    const error = await failureOf(
      client.responses.create({ model: MODEL, input: stray, previous_response_id: previous_response_id ?? '' }),
    );
    assert.match(error.message, /call_never/);
  });

  it('are gone when they are deleted, are not to be kept, or when newer ones took their room', async () => {
    const { id } = await say('Hello');
    await client.responses.delete(id);
    const private_ = await say('Hello', { store: false });
    const old = await say('Hello');
    // The kernel deals out connections as it likes: until the worker that has it was met often enough.
    for (let i = 0; i < 100 && (await isThere(old.id)); i++) {
      await Promise.all(Array.from({ length: ROOM }, () => say('Hello')));
    }
    for (const gone of [id, private_.id, old.id, 'resp_never', `${old.id}0`]) {
      const error = await failureOf(client.responses.retrieve(gone));
      assert.equal(error.status, 404);
      assert.match(error.message, new RegExp(`Response with id '${gone}' not found.`));
    }
    const error = await failureOf(say('Hello', { previous_response_id: old.id }));
    assert.equal(error.status, 400);
    assert.equal(error.code, 'previous_response_not_found');
    assert.equal(error.param, 'previous_response_id');
  });

  it('cannot be cancelled or streamed again, because they were over at once', async () => {
    const { id } = await say('Hello');
    assert.match((await failureOf(client.responses.cancel(id))).message, /Cannot cancel a synchronous response/);
    assert.match((await failureOf(client.responses.retrieve(id, { stream: true }))).message, /background=true/);
    assert.equal((await failureOf(client.responses.cancel('resp_never'))).status, 404);
    const put = await fetch(`${mock.url}/v1/responses/${id}`, { method: 'PUT', body: '{}' });
    assert.equal(put.status, 405);
    assert.equal(put.headers.get('allow'), 'GET, HEAD, DELETE');
    const head = await fetch(`${mock.url}/openai/v1/responses/${id}`, { method: 'HEAD' });
    assert.equal(head.status, 200);
  });

  it('survive input that is no input', async () => {
    const deep = `{"model":"${MODEL}","input":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    const { id } = await say('Hello');
    const bodies = [deep, '{', '[]', ...['[null]', '[1, {"content": [null]}]', '{}'].map(asking(id))];
    for (const body of bodies) {
      const answer = await post(mock.url, '/v1/responses', body, { 'x-bench': 'strict=no' });
      await answer.arrayBuffer();
      assert.notEqual(answer.status, 415);
    }
    for (let i = 0; i < 3 * WORKERS; i++) {
      const again = await client.responses.create({ model: MODEL, input: 'Hello', previous_response_id: id });
      await client.responses.inputItems.list(again.id);
    }
  });

  it('are none that a fault has broken, and nobody is harmed', async () => {
    for (const words of ['fault=bad-json:999', 'fault=bad-json:999 gap=1']) {
      for (const stream of [false, true]) {
        const body = { model: MODEL, input: `Hello [[bench ${words}]]`, stream };
        const answer = await post(mock.url, '/v1/responses', body);
        const id = /"id":"(resp_[0-9a-z]+)"/.exec(await answer.text())?.[1] ?? assert.fail(words);
        // Each worker is asked: none of them may end by it.
        for (let i = 0; i < 3 * WORKERS; i++) {
          const error = await failureOf(say('Hello', { previous_response_id: id }));
          assert.equal(error.code, 'previous_response_not_found', `${words} ${stream}`);
        }
      }
    }
    const { restarts } = (await (await fetch(`${mock.url}/__bench/health`)).json()) as { restarts: number };
    assert.equal(restarts, 0);
  });

  it('are asked for, and gone on from, with the key that the mock has', async () => {
    const locked = await startMock('--store', '9', '--api-key', 'secret', '--workers', '1');
    try {
      const answer = await fetch(`${locked.url}/v1/responses/resp_never`);
      assert.equal(answer.status, 401);
      const ask = { model: MODEL, input: 'Hello', previous_response_id: 'resp_never' };
      for (const [apiKey, code] of [
        ['wrong', 'invalid_api_key'],
        ['secret', 'previous_response_not_found'],
      ] as const) {
        const keyed = new OpenAI({ baseURL: `${locked.url}/v1`, apiKey, maxRetries: 0 });
        assert.equal((await failureOf(keyed.responses.create(ask))).code, code);
      }
    } finally {
      await locked.stop();
    }
  });
});

describe('what fails while a response is looked for', () => {
  class BrokenStore extends ResponseStore {
    override find() {
      return { response: '{', input: '[]' };
    }
  }
  const elsewhere = `resp_bench${'0'.repeat(19)}0001${'0'.repeat(20)}`;

  for (const [what, id] of [
    ['here', 'resp_here'],
    ['at another worker', elsewhere],
  ] as const) {
    it(`is answered, and ends nothing: ${what}`, async (t) => {
      const told = t.mock.method(process.stderr, 'write', () => true);
      const front = new StoredResponses({
        service: { serve: () => assert.fail('it was served') },
        store: new BrokenStore(1),
        counters: new Counters(),
        ask: () => Promise.reject(new Error('nobody there')),
        worker: 0,
        provider: 0,
        apiKey: undefined,
        cors: false,
      });
      const body = Buffer.from(asking(id)('[]'));
      const message = { method: 'POST', path: '/v1/responses', query: '', header: () => undefined, body };
      const answer = await new Promise<Reply>((resolve) => {
        const outlet: Partial<Outlet> = {
          whenLost: () => {},
          send: (reply) => {
            resolve(reply);
            return 0;
          },
        };
        front.serve(message, outlet as Outlet);
      });
      assert.equal(answer.status, 500);
      assert.match(answer.body.toString(), /its standard error says why/);
      assert.match(
        String(told.mock.calls[0]?.arguments[0]),
        /^POST \/v1\/responses: (SyntaxError|Error: nobody there)/,
      );
    });
  }
});

describe('a mock that keeps no responses', () => {
  it('says so to whoever goes on from one', async () => {
    const bare = await startMock('--workers', '1');
    try {
      const other = new OpenAI({ baseURL: `${bare.url}/v1`, apiKey: 'any', maxRetries: 0 });
      const { id } = await other.responses.create({ model: MODEL, input: 'Hello' });
      assert.match((await failureOf(other.responses.retrieve(id))).message, new RegExp(`'${id}' not found`));
      const ask = { model: MODEL, input: 'Hello', previous_response_id: id };
      assert.match((await failureOf(other.responses.create(ask))).message, /--store N/);
    } finally {
      await bare.stop();
    }
  });
});
