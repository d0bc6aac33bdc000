import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { withoutDigits } from '../support/answer-digits.js';
import { startMock, type StartedMock } from '../support/started-mock.js';

const hello = [{ role: 'user' as const, content: 'Say hello.' }];
const ask = { model: 'bench-chat', max_tokens: 1000, messages: hello };
const weather = {
  name: 'get_weather',
  input_schema: {
    type: 'object' as const,
    properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 3 } },
    required: ['city'],
  },
};

let mock: StartedMock;
let client: Anthropic;

before(async () => {
  mock = await startMock('--api-key', 'sk-right');
  client = new Anthropic({ baseURL: mock.url, apiKey: 'sk-right', maxRetries: 0 });
});
after(() => mock.stop());

describe('anthropic: messages', () => {
  it('answers whole', async () => {
    const { data, request_id: id, response } = await client.messages.create(ask).withResponse();
    assert.deepEqual(data.content, [{ type: 'text', text: 'This is a benchmark response.' }]);
    assert.deepEqual(
      [data.type, data.role, data.stop_reason, data.stop_sequence],
      ['message', 'assistant', 'end_turn', null],
    );
    assert.equal(data.usage.output_tokens, 6);
    assert.match(id ?? '', /^req_/);
    assert.notEqual(response.headers.get('anthropic-ratelimit-requests-remaining'), null);
  });

  it('ends at max_tokens', async () => {
    const message = await client.messages.create({ ...ask, max_tokens: 3 });
    assert.equal(message.stop_reason, 'max_tokens');
    assert.equal(message.usage.output_tokens, 3);
  });

  it('ends before a stop sequence', async () => {
    const message = await client.messages.create({ ...ask, stop_sequences: ['benchmark'] });
    assert.deepEqual([message.stop_reason, message.stop_sequence], ['stop_sequence', 'benchmark']);
  });

  it('streams the sequence of events', async () => {
    const types: string[] = [];
    for await (const event of await client.messages.create({ ...ask, max_tokens: 2, stream: true }))
      types.push(event.type);
    assert.deepEqual(
      types.filter((type) => type !== 'ping'),
      [
        'message_start',
        'content_block_start',
        'content_block_delta',
        'content_block_delta',
        'content_block_stop',
        'message_delta',
        'message_stop',
      ],
    );
  });

  it('is put together by the client', async () => {
    const message = await client.messages.stream({ ...ask, max_tokens: 4 }).finalMessage();
    assert.deepEqual(message.content, [{ type: 'text', text: 'word word word word' }]);
    assert.equal(message.usage.output_tokens, 4);
    assert.equal(message.stop_reason, 'max_tokens');
  });

  it('calls a tool, whole and streamed alike', async () => {
    const whole = await client.messages.create({ ...ask, tools: [weather] });
    assert.equal(whole.stop_reason, 'tool_use');
    const [block] = whole.content;
    assert.ok(block?.type === 'tool_use');
    assert.deepEqual(block.input, { city: 'bench city', days: 3 });
    const streamed = await client.messages.stream({ ...ask, tools: [weather] }).finalMessage();
    const [said, saidWhole] = [streamed, whole].map(
      ({ content }) => JSON.parse(withoutDigits(JSON.stringify(content))) as unknown,
    );
    assert.deepEqual(said, saidWhole);
    assert.deepEqual(streamed.usage, whole.usage);
  });

  it('obeys the choice of tools', async () => {
    const none = await client.messages.create({ ...ask, tools: [weather], tool_choice: { type: 'none' } });
    assert.equal(none.stop_reason, 'end_turn');
    const named = { type: 'tool' as const, name: 'get_weather' };
    assert.equal(
      (await client.messages.create({ ...ask, tools: [weather], tool_choice: named })).stop_reason,
      'tool_use',
    );
    const unknown = { type: 'tool' as const, name: 'nope' };
    await assert.rejects(
      client.messages.create({ ...ask, tools: [weather], tool_choice: unknown }),
      Anthropic.BadRequestError,
    );
  });

  it('goes on with a text behind a result', async () => {
    const messages: Anthropic.MessageParam[] = [
      ...hello,
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'sunny' }] },
    ];
    const message = await client.messages.create({ ...ask, messages, tools: [weather] });
    assert.equal(message.stop_reason, 'end_turn');
  });

  it('thinks before it answers', async () => {
    const thinking = { type: 'enabled' as const, budget_tokens: 1024 };
    const message = await client.messages.stream({ ...ask, max_tokens: 2000, thinking }).finalMessage();
    assert.deepEqual(
      message.content.map(({ type }) => type),
      ['thinking', 'text'],
    );
    assert.ok(message.content[0]?.type === 'thinking' && message.content[0].signature !== '');
  });

  it('counts tokens as the answer does', async () => {
    const { input_tokens: counted } = await client.messages.countTokens({
      model: 'bench-chat',
      messages: hello,
      system: 'Be brief.',
    });
    const message = await client.messages.create({ ...ask, system: 'Be brief.' });
    assert.equal(counted, message.usage.input_tokens);
  });

  it('stops when the client aborts in mid-stream, and answers the next request', async () => {
    const messages = [{ role: 'user' as const, content: '[[bench gap=20 tokens=1000]]' }];
    const stream = client.messages.stream({ ...ask, messages });
    await assert.rejects(async () => {
      let seen = 0;
      for await (const _ of stream) if (++seen === 4) stream.abort();
    }, Anthropic.APIUserAbortError);
    assert.equal((await client.messages.create(ask)).stop_reason, 'end_turn');
  });
});

describe('anthropic: models', () => {
  it('lists the model and gives it', async () => {
    const models: Anthropic.ModelInfo[] = [];
    for await (const model of client.models.list()) models.push(model);
    assert.deepEqual(
      models.map(({ id, type }) => [id, type]),
      [['bench-chat', 'model']],
    );
    assert.equal((await client.models.retrieve('bench-chat')).id, 'bench-chat');
    await assert.rejects(client.models.retrieve('claude-x'), Anthropic.NotFoundError);
  });
});

describe('anthropic: errors', () => {
  const classes = [
    [400, Anthropic.BadRequestError, 'invalid_request_error'],
    [401, Anthropic.AuthenticationError, 'authentication_error'],
    [403, Anthropic.PermissionDeniedError, 'permission_error'],
    [404, Anthropic.NotFoundError, 'not_found_error'],
    [429, Anthropic.RateLimitError, 'rate_limit_error'],
    [500, Anthropic.InternalServerError, 'api_error'],
    [529, Anthropic.InternalServerError, 'overloaded_error'],
  ] as const;
  for (const [status, errorClass, type] of classes) {
    it(`maps a played ${status} to ${errorClass.name}`, async () => {
      const messages = [{ role: 'user' as const, content: `[[bench status=${status}]]` }];
      await assert.rejects(client.messages.create({ ...ask, messages }), (error) => {
        assert.ok(error instanceof errorClass);
        const body = error.error as { type: string; error: { type: string }; request_id: string };
        assert.deepEqual([error.status, body.type, body.error.type], [status, 'error', type]);
        assert.equal(body.request_id, error.requestID);
        return true;
      });
    });
  }

  it('refuses a wrong key', async () => {
    const wrong = new Anthropic({ baseURL: mock.url, apiKey: 'sk-wrong', maxRetries: 0 });
    await assert.rejects(wrong.messages.create(ask), Anthropic.AuthenticationError);
  });

  it('does not know other models', async () => {
    await assert.rejects(client.messages.create({ ...ask, model: 'claude-x' }), Anthropic.NotFoundError);
  });

  it('wants max_tokens and messages', async () => {
    const { max_tokens: _, ...without } = ask;
    await assert.rejects(client.messages.create(without as typeof ask), /max_tokens: Field required/);
    await assert.rejects(client.messages.create({ ...ask, messages: [] }), /at least one message is required/);
  });
});
