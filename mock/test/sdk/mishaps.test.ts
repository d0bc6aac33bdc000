import Anthropic from '@anthropic-ai/sdk';
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import OpenAI from 'openai';
import { post, startMock, type StartedMock } from '../support/started-mock.js';

/** What an answer comes to in its own client when something goes wrong within it. */
describe('mishaps within an answer, as the official clients take them', () => {
  let mock: StartedMock;
  let openai: OpenAI;
  let anthropic: Anthropic;
  before(async () => {
    mock = await startMock('--ledger', '100');
    openai = new OpenAI({ baseURL: `${mock.url}/v1`, apiKey: 'k', maxRetries: 0 });
    anthropic = new Anthropic({ baseURL: mock.url, apiKey: 'k', maxRetries: 0 });
  });
  after(() => mock.stop());

  const asked = (marker: string) => [{ role: 'user', content: `[[bench ${marker}]]` } as const];
  const chatOf = (marker: string) => ({ model: 'bench-chat', messages: asked(marker) });

  async function collected<T>(stream: AsyncIterable<T>): Promise<{ items: T[]; error: unknown }> {
    const items: T[] = [];
    try {
      for await (const item of stream) items.push(item);
      return { items, error: undefined };
    } catch (error) {
      return { items, error };
    }
  }

  const chatStream = async (marker: string, more: object = {}) =>
    collected(await openai.chat.completions.create({ ...chatOf(marker), ...more, stream: true }));
  const messageStream = async (marker: string) =>
    collected(
      await anthropic.messages.create({ model: 'bench-chat', max_tokens: 50, messages: asked(marker), stream: true }),
    );
  const responseStream = async (marker: string) =>
    collected(await openai.responses.create({ model: 'bench-chat', input: `[[bench ${marker}]]`, stream: true }));

  it('error-frame: an error behind the frames that came', async () => {
    const chat = await chatStream('tokens=10 fault=error-frame:4');
    assert.equal(chat.items.length, 4);
    assert.ok(chat.error instanceof OpenAI.APIError);
    assert.match(chat.error.message, /The server had an error/);
    const messages = await messageStream('tokens=10 fault=error-frame:5');
    assert.ok(messages.error instanceof Anthropic.APIError);
    assert.match(messages.error.message, /overloaded_error/);
    const responses = await responseStream('tokens=10 fault=error-frame:6');
    const last = responses.items.at(-1);
    assert.equal(last?.type, 'response.failed');
    assert.equal(last.sequence_number, 6);
    assert.equal(last.response.error?.code, 'server_error');
    const text = await (
      await post(mock.url, '/v1/chat/completions', { ...chatOf('tokens=5 fault=error-frame:2'), stream: true })
    ).text();
    assert.doesNotMatch(text, /\[DONE\]/);
  });

  it('incomplete: ends as one that ran out of tokens, with the usage of what was sent', async () => {
    const chat = await chatStream('tokens=10 fault=incomplete:5', { stream_options: { include_usage: true } });
    assert.equal(chat.error, undefined);
    assert.deepEqual(
      chat.items.map(({ choices }) => choices[0]?.finish_reason),
      [null, null, null, null, null, 'length', undefined],
    );
    assert.equal(chat.items.at(-1)?.usage?.completion_tokens, 4);
    const plain = await openai.chat.completions.create(chatOf('tokens=10 fault=incomplete'));
    assert.equal(plain.choices[0]?.finish_reason, 'length');
    assert.equal(plain.usage?.completion_tokens, 5);
    const responses = await responseStream('tokens=10 fault=incomplete:7');
    const last = responses.items.at(-1);
    assert.equal(last?.type, 'response.incomplete');
    assert.equal(last.response.incomplete_details?.reason, 'max_output_tokens');
    assert.equal(last.response.usage?.output_tokens, 3);
    assert.deepEqual(
      responses.items.map(({ sequence_number: number }) => number),
      responses.items.map((_, index) => index),
    );
    const whole = await openai.responses.create({ model: 'bench-chat', input: '[[bench fault=incomplete tokens=8]]' });
    assert.deepEqual([whole.status, whole.incomplete_details?.reason], ['incomplete', 'max_output_tokens']);
    const messages = await messageStream('tokens=10 fault=incomplete:6');
    const delta = messages.items.find(({ type }) => type === 'message_delta');
    assert.equal(delta?.type === 'message_delta' && delta.delta.stop_reason, 'max_tokens');
    assert.equal(delta?.type === 'message_delta' && delta.usage.output_tokens, 3);
  });

  it('content-filter: stopped by a filter in mid-stream, and plain', async () => {
    const chat = await chatStream('tokens=10 fault=content-filter:3');
    assert.equal(chat.items.at(-1)?.choices[0]?.finish_reason, 'content_filter');
    const responses = await responseStream('tokens=10 fault=content-filter:6');
    const last = responses.items.at(-1);
    assert.equal(last?.type === 'response.incomplete' && last.response.incomplete_details?.reason, 'content_filter');
    const message = await anthropic.messages.create({
      model: 'bench-chat',
      max_tokens: 50,
      messages: asked('fault=content-filter'),
    });
    assert.equal(message.stop_reason, 'refusal');
    const completion = await openai.completions.create({
      model: 'bench-chat',
      prompt: '[[bench fault=content-filter]]',
    });
    assert.equal(completion.choices[0]?.finish_reason, 'content_filter');
  });

  it('refusal: said in the member that the API has for it', async () => {
    const chat = await chatStream('tokens=10 fault=refusal:3');
    assert.match(chat.items.map(({ choices }) => choices[0]?.delta.refusal ?? '').join(''), /^I'm sorry/);
    assert.equal(chat.items.at(-1)?.choices[0]?.finish_reason, 'stop');
    const plain = await openai.chat.completions.create(chatOf('fault=refusal'));
    assert.equal(plain.choices[0]?.message.content, null);
    assert.match(plain.choices[0]?.message.refusal ?? '', /^I'm sorry/);
    for (const place of [1, 2, 4, 6]) {
      const { items } = await responseStream(`tokens=10 fault=refusal:${place}`);
      const last = items.at(-1);
      assert.equal(last?.type, 'response.completed', `behind ${place} frames`);
      const parts = last.response.output.flatMap((item) => (item.type === 'message' ? item.content : []));
      assert.equal(parts.at(-1)?.type, 'refusal');
    }
    const stream = openai.responses.stream({ model: 'bench-chat', input: '[[bench tokens=10 fault=refusal:7]]' });
    const final = await stream.finalResponse();
    assert.match(JSON.stringify(final.output), /"refusal"/);
  });

  it('a call that is cut has arguments that end in their middle', async () => {
    const tools = [
      {
        type: 'function',
        function: { name: 'f', parameters: { type: 'object', properties: { a: { type: 'string' } } } },
      },
    ] as const;
    const { items } = await chatStream('fault=incomplete:4', { tools, tool_choice: 'required' });
    assert.equal(items.at(-1)?.choices[0]?.finish_reason, 'length');
    const plain = await openai.chat.completions.create({
      ...chatOf('fault=incomplete'),
      tools: [...tools],
      tool_choice: 'required',
    });
    const [call] = plain.choices[0]?.message.tool_calls ?? [];
    assert.throws(() => JSON.parse(call?.type === 'function' ? call.function.arguments : '{}') as unknown);
  });

  it('context-length: refused in the words of each API', async () => {
    const status400 = async (promise: Promise<unknown>) => {
      const error = await promise.then(() => undefined).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof OpenAI.APIError || error instanceof Anthropic.APIError);
      assert.equal(error.status, 400);
      return error;
    };
    const chat = await status400(openai.chat.completions.create(chatOf('fault=context-length')));
    assert.deepEqual([(chat as InstanceType<typeof OpenAI.APIError>).code], ['context_length_exceeded']);
    const responses = await status400(
      openai.responses.create({ model: 'bench-chat', input: '[[bench fault=context-length]]' }),
    );
    assert.match(responses.message, /exceeds the context window/);
    const messages = await status400(
      anthropic.messages.create({ model: 'bench-chat', max_tokens: 5, messages: asked('fault=context-length') }),
    );
    assert.match(messages.message, /prompt is too long: \d+ tokens > \d+ maximum/);
  });

  it('error-body: 200 with an error; html: what a proxy says', async () => {
    const body = await post(mock.url, '/v1/chat/completions', chatOf('fault=error-body'));
    assert.equal(body.status, 200);
    assert.equal(((await body.json()) as { error: { type: string } }).error.type, 'server_error');
    const page = await post(
      mock.url,
      '/v1/messages',
      { ...chatOf('fault=html:503'), max_tokens: 5 },
      {
        'anthropic-version': '2023-06-01',
      },
    );
    assert.deepEqual([page.status, page.headers.get('content-type')], [503, 'text/html']);
    assert.match(await page.text(), /<h1>503 Service Unavailable<\/h1>/);
  });

  it('is none where it would change nothing: an error, vectors', async () => {
    const embedded = await openai.embeddings.create({ model: 'bench-embed', input: '[[bench id=e fault=refusal]]' });
    assert.equal(embedded.data.length, 1);
    const ledger = (await (await fetch(`${mock.url}/__bench/ledger?id=e`)).json()) as { records: { fault: unknown }[] };
    assert.equal(ledger.records[0]?.fault, null);
  });
});
