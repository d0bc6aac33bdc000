import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import OpenAI from 'openai';
import { withoutDigits } from '../support/answer-digits.js';
import { startMock, type StartedMock } from '../support/started-mock.js';

const hello = [{ role: 'user' as const, content: 'Say hello.' }];
const weather = {
  type: 'function' as const,
  function: {
    name: 'get_weather',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, unit: { type: 'string', enum: ['celsius', 'fahrenheit'] } },
      required: ['city', 'unit'],
      additionalProperties: false,
    },
  },
};
const time = {
  type: 'function' as const,
  function: { name: 'get_time', parameters: { type: 'object', properties: {} } },
};

let mock: StartedMock;
let client: OpenAI;

before(async () => {
  mock = await startMock('--api-key', 'sk-right');
  client = new OpenAI({ baseURL: `${mock.url}/v1`, apiKey: 'sk-right', maxRetries: 0 });
});
after(() => mock.stop());

async function collect<T>(events: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const event of events) all.push(event);
  return all;
}

describe('openai: chat', () => {
  it('answers whole', async () => {
    const {
      data,
      request_id: id,
      response,
    } = await client.chat.completions.create({ model: 'bench-chat', messages: hello }).withResponse();
    const [choice] = data.choices;
    assert.equal(data.object, 'chat.completion');
    assert.match(data.id, /^chatcmpl-.{29}$/);
    assert.equal(choice?.message.content, 'This is a benchmark response.');
    assert.equal(choice.message.refusal, null);
    assert.equal(choice.finish_reason, 'stop');
    assert.equal(choice.logprobs, null);
    assert.equal(data.usage?.completion_tokens, 6);
    assert.equal(data.usage.total_tokens, data.usage.prompt_tokens + 6);
    assert.match(id ?? '', /^req_/);
    assert.equal(response.headers.get('openai-version'), '2020-10-01');
    for (const name of ['openai-processing-ms', 'x-ratelimit-limit-requests', 'x-ratelimit-reset-tokens', 'date']) {
      assert.notEqual(response.headers.get(name), null, name);
    }
  });

  it('counts more prompt tokens for more prompt', async () => {
    const long = [{ role: 'user' as const, content: 'Say hello. '.repeat(100) }];
    const [short, longer] = await Promise.all(
      [hello, long].map((messages) => client.chat.completions.create({ model: 'bench-chat', messages })),
    );
    assert.ok((longer?.usage?.prompt_tokens ?? 0) > (short?.usage?.prompt_tokens ?? 0) + 200);
  });

  for (const limit of ['max_tokens', 'max_completion_tokens']) {
    it(`ends at ${limit}`, async () => {
      const answer = await client.chat.completions.create({
        model: 'bench-chat',
        messages: hello,
        [limit]: 7,
        stream: false,
      });
      assert.equal(answer.choices[0]?.message.content, 'word'.concat(' word'.repeat(6)));
      assert.equal(answer.choices[0]?.finish_reason, 'length');
      assert.equal(answer.usage?.completion_tokens, 7);
    });
  }

  it('ends before a stop text', async () => {
    const answer = await client.chat.completions.create({ model: 'bench-chat', messages: hello, stop: [' benchmark'] });
    assert.equal(answer.choices[0]?.message.content, 'This is a');
    assert.equal(answer.choices[0]?.finish_reason, 'stop');
  });

  it('gives n choices and counts them all', async () => {
    const answer = await client.chat.completions.create({ model: 'bench-chat', messages: hello, n: 3 });
    assert.deepEqual(
      answer.choices.map(({ index }) => index),
      [0, 1, 2],
    );
    assert.equal(answer.usage?.completion_tokens, 18);
  });

  it('reports reasoning tokens', async () => {
    const answer = await client.chat.completions.create({
      model: 'bench-chat',
      messages: hello,
      reasoning_effort: 'low',
    });
    assert.equal(answer.usage?.completion_tokens_details?.reasoning_tokens, 32);
    assert.equal(answer.usage.completion_tokens, 38);
  });

  it('gives log probabilities for each token', async () => {
    const answer = await client.chat.completions.create({ model: 'bench-chat', messages: hello, logprobs: true });
    const told = answer.choices[0]?.logprobs?.content ?? [];
    assert.equal(told.map(({ token }) => token).join(''), 'This is a benchmark response.');
    assert.deepEqual(told[0]?.top_logprobs, []);
  });

  it('gives the most likely tokens beside each, as many as asked for, the token itself first', async () => {
    const asked = { model: 'bench-chat', messages: hello, logprobs: true, top_logprobs: 7 };
    const plain = (await client.chat.completions.create(asked)).choices[0]?.logprobs?.content ?? [];
    const streamed = [];
    for await (const { choices } of await client.chat.completions.create({ ...asked, stream: true })) {
      streamed.push(...(choices[0]?.logprobs?.content ?? []));
    }
    for (const { token, logprob, top_logprobs: top } of [...plain, ...streamed]) {
      assert.deepEqual([top[0]?.token, top[0]?.logprob], [token, logprob]);
      assert.equal(new Set(top.map((each) => each.token)).size, 7);
      assert.deepEqual(
        top.map((each) => each.logprob),
        top.map((each) => each.logprob).sort((a, b) => b - a),
      );
    }
    assert.ok(plain.length > 0 && streamed.length > 0);
    await assert.rejects(client.chat.completions.create({ ...asked, logprobs: false }), OpenAI.BadRequestError);
    await assert.rejects(client.chat.completions.create({ ...asked, top_logprobs: 21 }), OpenAI.BadRequestError);
  });

  it('obeys a JSON schema', async () => {
    const answer = await client.chat.completions.parse({
      model: 'bench-chat',
      messages: hello,
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'weather', strict: true, schema: weather.function.parameters },
      },
    });
    const value = JSON.parse(answer.choices[0]?.message.content ?? '') as Record<string, unknown>;
    assert.deepEqual(Object.keys(value), ['city', 'unit']);
    assert.equal(value['unit'], 'celsius');
  });
});

describe('openai: chat stream', () => {
  it('sends a token a chunk, the role first and the reason last', async () => {
    const stream = await client.chat.completions.create({
      model: 'bench-chat',
      messages: hello,
      max_tokens: 5,
      stream: true,
    });
    const chunks = await collect(stream);
    assert.equal(chunks.length, 1 + 5 + 1);
    assert.deepEqual(chunks[0]?.choices[0]?.delta, { role: 'assistant', content: '', refusal: null });
    assert.deepEqual(chunks[1]?.choices[0]?.delta, { content: 'word' });
    assert.equal(chunks.at(-1)?.choices[0]?.finish_reason, 'length');
    assert.ok(chunks.every((chunk) => !('usage' in chunk) && !('obfuscation' in chunk)));
    assert.equal(new Set(chunks.map(({ id, created }) => `${id} ${created}`)).size, 1);
  });

  it('reports usage in a last chunk when asked, null in the others', async () => {
    const stream = await client.chat.completions.create({
      model: 'bench-chat',
      messages: hello,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = await collect(stream);
    const last = chunks.pop();
    assert.deepEqual(last?.choices, []);
    assert.equal(last.usage?.completion_tokens, 20);
    assert.ok(chunks.every(({ usage }) => usage === null));
  });

  it('pads chunks only when asked', async () => {
    const stream = await client.chat.completions.create({
      model: 'bench-chat',
      messages: hello,
      stream: true,
      stream_options: { include_obfuscation: true },
    });
    for (const chunk of await collect(stream)) assert.ok('obfuscation' in chunk);
  });

  it('is put together by the client to what the whole answer says', async () => {
    const ask = { model: 'bench-chat', messages: hello, max_tokens: 9, n: 2, stream_options: { include_usage: true } };
    const streamed = await client.chat.completions.stream(ask).finalChatCompletion();
    const { stream_options: _, ...plain } = ask;
    const whole = await client.chat.completions.create(plain);
    assert.deepEqual(
      streamed.choices.map(({ message, finish_reason: reason }) => [message.content, reason]),
      whole.choices.map(({ message, finish_reason: reason }) => [message.content, reason]),
    );
    assert.deepEqual(streamed.usage, whole.usage);
  });

  it('stops when the client aborts in mid-stream, and answers the next request', async () => {
    const content = 'Go slowly. [[bench gap=20 tokens=1000]]';
    const stream = await client.chat.completions.create({
      model: 'bench-chat',
      messages: [{ role: 'user', content }],
      stream: true,
    });
    let seen = 0;
    for await (const _ of stream) if (++seen === 3) break;
    assert.equal(stream.controller.signal.aborted, true);
    const next = await client.chat.completions.create({ model: 'bench-chat', messages: hello });
    assert.equal(next.choices[0]?.message.content, 'This is a benchmark response.');
  });
});

describe('openai: tools', () => {
  const offer = { model: 'bench-chat', messages: hello, tools: [time, weather] };

  it('calls the first tool by itself', async () => {
    const { choices } = await client.chat.completions.create(offer);
    assert.equal(choices[0]?.finish_reason, 'tool_calls');
    assert.equal(choices[0].message.content, null);
    const call = choices[0].message.tool_calls?.[0];
    assert.ok(call?.type === 'function');
    assert.equal(call.function.name, 'get_time');
    assert.deepEqual(JSON.parse(call.function.arguments), {});
  });

  it('calls the tool that is named', async () => {
    const choice = { type: 'function' as const, function: { name: 'get_weather' } };
    const { choices } = await client.chat.completions.create({ ...offer, tool_choice: choice });
    const call = choices[0]?.message.tool_calls?.[0];
    assert.ok(call?.type === 'function');
    assert.deepEqual(JSON.parse(call.function.arguments), { city: 'bench city', unit: 'celsius' });
  });

  it('calls one that is allowed', async () => {
    const allowed = { mode: 'required' as const, tools: [{ type: 'function', function: { name: 'get_weather' } }] };
    const { choices } = await client.chat.completions.create({
      ...offer,
      tool_choice: { type: 'allowed_tools', allowed_tools: allowed },
    });
    const call = choices[0]?.message.tool_calls?.[0];
    assert.ok(call?.type === 'function' && call.function.name === 'get_weather');
  });

  it('calls none when told so', async () => {
    const { choices } = await client.chat.completions.create({ ...offer, tool_choice: 'none' });
    assert.equal(choices[0]?.message.content, 'This is a benchmark response.');
  });

  it('goes on with a text behind a result, unless a call is required', async () => {
    const first = await client.chat.completions.create(offer);
    const call = first.choices[0]?.message.tool_calls?.[0];
    assert.ok(call !== undefined);
    const messages = [
      ...hello,
      { role: 'assistant' as const, tool_calls: [call] },
      { role: 'tool' as const, tool_call_id: call.id, content: 'noon' },
    ];
    const second = await client.chat.completions.create({ ...offer, messages });
    assert.equal(second.choices[0]?.finish_reason, 'stop');
    const third = await client.chat.completions.create({ ...offer, messages, tool_choice: 'required' });
    assert.equal(third.choices[0]?.finish_reason, 'tool_calls');
    assert.notEqual(third.choices[0].message.tool_calls?.[0]?.id, call.id);
  });

  it('streams the arguments in several chunks', async () => {
    const stream = await client.chat.completions.create({ ...offer, tools: [weather], stream: true });
    const calls = (await collect(stream)).flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
    assert.equal(calls[0]?.function?.name, 'get_weather');
    assert.ok(calls.length > 3);
    assert.ok(calls.every(({ index }) => index === 0));
    const text = calls.map((call) => call.function?.arguments ?? '').join('');
    assert.deepEqual(JSON.parse(text), { city: 'bench city', unit: 'celsius' });
  });

  it('is put together by the client to the same call', async () => {
    const whole = await client.chat.completions.create({ ...offer, tools: [weather] });
    const streamed = await client.chat.completions.stream({ ...offer, tools: [weather] }).finalChatCompletion();
    assert.equal(streamed.choices[0]?.finish_reason, 'tool_calls');
    const [asked, given] = [whole, streamed].map(({ choices }) => choices[0]?.message.tool_calls?.[0]);
    assert.ok(asked?.type === 'function' && given?.type === 'function');
    assert.notEqual(given.id, asked.id);
    assert.deepEqual([given.function.name, given.function.arguments], [asked.function.name, asked.function.arguments]);
  });

  it('gives a custom tool a text', async () => {
    const custom = { type: 'custom' as const, custom: { name: 'shell' } };
    const { choices } = await client.chat.completions.create({ ...offer, tools: [custom] });
    const call = choices[0]?.message.tool_calls?.[0];
    assert.ok(call?.type === 'custom');
    assert.deepEqual(call.custom, { name: 'shell', input: 'bench input' });
  });
});

describe('openai: embeddings', () => {
  it('gives the same vector in both encodings', async () => {
    const ask = { model: 'bench-embed', input: 'hello' };
    // Without a format named, the client asks for base64 and decodes it.
    const decoded = await client.embeddings.create(ask);
    const floats = await client.embeddings.create({ ...ask, encoding_format: 'float' });
    assert.equal(floats.data[0]?.embedding.length, 1536);
    assert.deepEqual(Array.from(decoded.data[0]?.embedding ?? []), floats.data[0]?.embedding.map(Math.fround));
    const norm = Math.hypot(...(floats.data[0]?.embedding ?? []));
    assert.ok(Math.abs(norm - 1) < 1e-3);
  });

  it('writes each number in the fewest digits that restore its 32 bits', async () => {
    const answer = await client.embeddings.create({ model: 'bench-embed', input: 'hello', encoding_format: 'float' });
    for (const value of answer.data[0]?.embedding ?? []) {
      const digits = String(value).replace(/^-?[0.]*|e.*$|\./g, '').length;
      assert.ok(digits <= 9, `${value} has ${digits} digits`);
      if (digits > 1)
        assert.notEqual(Math.fround(Number(value.toPrecision(digits - 1))), Math.fround(value), `${value} is too long`);
    }
  });

  it('sizes the vector', async () => {
    const answer = await client.embeddings.create({ model: 'bench-embed', input: 'hello', dimensions: 256 });
    assert.equal(answer.data[0]?.embedding.length, 256);
  });

  const batches = [
    { name: 'strings', input: ['a', 'b', 'c'], count: 3 },
    { name: 'tokens, which are one input', input: [1, 2, 3], count: 1, tokens: 3 },
    { name: 'token arrays', input: [[1, 2], [3]], count: 2, tokens: 3 },
  ];
  for (const { name, input, count, tokens } of batches) {
    it(`takes a batch of ${name}`, async () => {
      const answer = await client.embeddings.create({ model: 'bench-embed', input });
      assert.deepEqual(
        answer.data.map(({ index }) => index),
        Array.from({ length: count }, (_, i) => i),
      );
      if (tokens !== undefined) assert.equal(answer.usage.prompt_tokens, tokens);
    });
  }
});

describe('openai: models and completions', () => {
  it('lists the models and gives one', async () => {
    const models = await collect(client.models.list());
    assert.deepEqual(
      models.map(({ id }) => id),
      ['bench-chat', 'bench-embed'],
    );
    assert.equal((await client.models.retrieve('bench-chat')).object, 'model');
    await assert.rejects(client.models.retrieve('nope'), OpenAI.NotFoundError);
  });

  it('completes prompts', async () => {
    const answer = await client.completions.create({ model: 'bench-chat', prompt: ['a', 'b'], n: 2, max_tokens: 3 });
    assert.equal(answer.object, 'text_completion');
    assert.equal(answer.choices.length, 4);
    assert.equal(answer.choices[3]?.text, 'word word word');
    assert.equal(answer.usage?.completion_tokens, 12);
  });

  it('completes a prompt in a stream', async () => {
    const stream = await client.completions.create({ model: 'bench-chat', prompt: 'a', max_tokens: 3, stream: true });
    const chunks = await collect(stream);
    assert.equal(chunks.map(({ choices }) => choices[0]?.text).join(''), 'word word word');
    assert.equal(chunks.at(-1)?.choices[0]?.finish_reason, 'length');
  });
});

describe('openai: responses', () => {
  const ask = { model: 'bench-chat', input: 'Say hello.' };
  const tool = {
    type: 'function' as const,
    strict: true,
    name: 'get_weather',
    parameters: weather.function.parameters,
  };

  it('answers whole', async () => {
    const response = await client.responses.create({ ...ask, instructions: 'Be brief.', metadata: { a: 'b' } });
    assert.equal(response.output_text, 'This is a benchmark response.');
    assert.equal(response.status, 'completed');
    assert.equal(response.instructions, 'Be brief.');
    assert.deepEqual(response.metadata, { a: 'b' });
    assert.equal(response.usage?.output_tokens, 6);
  });

  it('streams the full sequence of events', async () => {
    const events = await collect(await client.responses.create({ ...ask, max_output_tokens: 2, stream: true }));
    assert.deepEqual(
      events.map(({ type }) => type),
      [
        'response.created',
        'response.in_progress',
        'response.output_item.added',
        'response.content_part.added',
        'response.output_text.delta',
        'response.output_text.delta',
        'response.output_text.done',
        'response.content_part.done',
        'response.output_item.done',
        'response.incomplete',
      ],
    );
    assert.deepEqual(
      events.map((event) => event.sequence_number),
      events.map((_, i) => i),
    );
  });

  it('is put together by the client to the same response', async () => {
    const whole = await client.responses.create({ ...ask, max_output_tokens: 4, tools: [] });
    const streamed = await client.responses.stream({ ...ask, max_output_tokens: 4, tools: [] }).finalResponse();
    assert.deepEqual(streamed.output_text, whole.output_text);
    assert.deepEqual(streamed.usage, whole.usage);
    assert.deepEqual(streamed.incomplete_details, { reason: 'max_output_tokens' });
  });

  it('calls a function, whole and streamed', async () => {
    const whole = await client.responses.create({ ...ask, tools: [tool] });
    const [item] = whole.output;
    assert.ok(item?.type === 'function_call');
    assert.deepEqual(JSON.parse(item.arguments), { city: 'bench city', unit: 'celsius' });
    const events = await collect(await client.responses.create({ ...ask, tools: [tool], stream: true }));
    const deltas = events.flatMap((event) =>
      event.type === 'response.function_call_arguments.delta' ? [event.delta] : [],
    );
    assert.ok(deltas.length > 3);
    assert.equal(deltas.join(''), item.arguments);
    const done = events.at(-1);
    assert.ok(done?.type === 'response.completed');
    const [said, saidWhole] = [done.response, whole].map(({ output }) => withoutDigits(JSON.stringify(output)));
    assert.equal(said, saidWhole);
  });

  it('goes on with a text behind a result', async () => {
    const input = [
      { role: 'user' as const, content: 'Say hello.' },
      { type: 'function_call' as const, call_id: 'call_1', name: 'get_weather', arguments: '{}' },
      { type: 'function_call_output' as const, call_id: 'call_1', output: 'sunny' },
    ];
    const response = await client.responses.create({ ...ask, input, tools: [tool] });
    assert.equal(response.output_text, 'This is a benchmark response.');
  });

  it('reasons before it answers', async () => {
    const stream = client.responses.stream({ ...ask, reasoning: { effort: 'high', summary: 'auto' } });
    const response = await stream.finalResponse();
    assert.equal(response.output[0]?.type, 'reasoning');
    assert.equal(response.usage?.output_tokens_details.reasoning_tokens, 128);
    assert.equal(response.usage.output_tokens, 148);
  });

  it('obeys a JSON schema', async () => {
    const format = { type: 'json_schema' as const, name: 'weather', schema: weather.function.parameters };
    const response = await client.responses.create({ ...ask, text: { format } });
    assert.deepEqual(JSON.parse(response.output_text), { city: 'bench city', unit: 'celsius' });
  });
});

describe('openai: errors', () => {
  const chat = (content: string) =>
    client.chat.completions.create({ model: 'bench-chat', messages: [{ role: 'user', content }] });
  const classes = [
    [400, OpenAI.BadRequestError],
    [401, OpenAI.AuthenticationError],
    [403, OpenAI.PermissionDeniedError],
    [404, OpenAI.NotFoundError],
    [409, OpenAI.ConflictError],
    [422, OpenAI.UnprocessableEntityError],
    [429, OpenAI.RateLimitError],
    [500, OpenAI.InternalServerError],
    [503, OpenAI.InternalServerError],
  ] as const;
  for (const [status, errorClass] of classes) {
    it(`maps a played ${status} to ${errorClass.name}`, async () => {
      await assert.rejects(chat(`[[bench status=${status}]]`), (error) => {
        assert.ok(error instanceof errorClass);
        assert.equal(error.status, status);
        assert.match(error.requestID ?? '', /^req_/);
        return true;
      });
    });
  }

  it('refuses a wrong key and a missing one', async () => {
    const wrong = new OpenAI({ baseURL: `${mock.url}/v1`, apiKey: 'sk-wrong-wrong', maxRetries: 0 });
    const { AuthenticationError } = OpenAI;
    await assert.rejects(wrong.models.list(), (error) => {
      assert.ok(error instanceof AuthenticationError);
      assert.equal(error.code, 'invalid_api_key');
      assert.ok(!error.message.includes('sk-wrong-wrong'));
      return true;
    });
    assert.equal((await fetch(`${mock.url}/v1/models`)).status, 401);
  });

  it('does not know other models', async () => {
    await assert.rejects(client.chat.completions.create({ model: 'gpt-x', messages: hello }), (error) => {
      assert.ok(error instanceof OpenAI.NotFoundError);
      assert.deepEqual([error.code, error.param, error.type], ['model_not_found', 'model', 'invalid_request_error']);
      return true;
    });
  });

  it('names the parameter that is wrong', async () => {
    await assert.rejects(client.chat.completions.create({ model: 'bench-chat', messages: [] }), (error) => {
      assert.ok(error instanceof OpenAI.BadRequestError);
      assert.equal(error.param, 'messages');
      return true;
    });
  });
});
