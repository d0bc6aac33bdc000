import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import fc from 'fast-check';
import { withoutDigits } from '../support/answer-digits.js';
import { post, startMock, type StartedMock } from '../support/started-mock.js';

const VERSION = { 'anthropic-version': '2023-06-01' };
const message = (content: string) => [{ role: 'user', content }];

let mock: StartedMock;
before(async () => {
  mock = await startMock();
});
after(() => mock.stop());

/** The events of a stream, as an independent parser reads them, but for the digits in their ids. */
async function eventsOf(response: Response): Promise<EventSourceMessage[]> {
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
  const events: EventSourceMessage[] = [];
  const parser = createParser({
    onEvent: (event) => void events.push({ ...event, data: withoutDigits(event.data) }),
    onError: (error) => {
      throw error;
    },
  });
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) parser.feed(piece);
  return events;
}

const streams: readonly { name: string; path: string; ask: (text: string) => object; named: boolean; last: string }[] =
  [
    {
      name: 'chat',
      path: '/v1/chat/completions',
      ask: (text) => ({ model: 'bench-chat', messages: message(text), max_tokens: 4, stream: true }),
      named: false,
      last: '[DONE]',
    },
    {
      name: 'completions',
      path: '/v1/completions',
      ask: (prompt) => ({ model: 'bench-chat', prompt, max_tokens: 4, stream: true }),
      named: false,
      last: '[DONE]',
    },
    {
      name: 'responses',
      path: '/v1/responses',
      ask: (input) => ({ model: 'bench-chat', input, max_output_tokens: 4, stream: true }),
      named: true,
      last: 'response.incomplete',
    },
    {
      name: 'messages',
      path: '/v1/messages',
      ask: (text) => ({ model: 'bench-chat', messages: message(text), max_tokens: 4, stream: true }),
      named: true,
      last: 'message_stop',
    },
  ];

describe('streams, read by an independent parser', () => {
  for (const { name, path, ask, named, last } of streams) {
    it(`${name}: every event is JSON, named as its provider names it, and the last one is ${last}`, async () => {
      const events = await eventsOf(await post(mock.url, path, ask('hi'), VERSION));
      for (const { event, data } of events) {
        if (data === '[DONE]') continue;
        const { type } = JSON.parse(data) as { type?: string };
        assert.equal(event, named ? type : undefined);
      }
      const end = events.at(-1);
      assert.equal(named ? end?.event : end?.data, last);
    });

    it(`${name}: a paced stream says what an immediate one says`, async () => {
      const [paced, immediate] = await Promise.all(
        // Equally long, so that usage is equal too.
        ['[[bench gap=2]]', '[[bench gap=0]]'].map(async (text) =>
          eventsOf(await post(mock.url, path, ask(text), VERSION)),
        ),
      );
      assert.deepEqual(paced, immediate);
    });
  }
});

describe('whether an answer is streamed', () => {
  const textual = fc.oneof(
    fc.constantFrom('"stream":true', '"stream": true', '\\"stream\\":true', '{"stream":true}', '","stream":true,"x":"'),
    fc.string(),
    fc.string({ unit: 'grapheme' }),
  );
  const text = fc.array(textual, { maxLength: 4 }).map((pieces) => pieces.join(''));
  const spacing = fc.constantFrom(undefined, 1, '\t');

  it('never hangs on what a text says', async () => {
    await fc.assert(
      fc.asyncProperty(text, text, spacing, async (said, name, space) => {
        const body = {
          messages: [{ role: 'user', content: said, name, stream: true }],
          model: 'bench-chat',
          user: said,
        };
        const response = await post(mock.url, '/v1/chat/completions', JSON.stringify(body, null, space));
        assert.equal(response.headers.get('content-type'), 'application/json');
        await response.json();
      }),
      { numRuns: 200 },
    );
  });

  it('depends on the member alone, whatever else is said and however it is spaced', async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.boolean(), spacing, async (said, stream, space) => {
        const body = { user: said, stream, model: 'bench-chat', messages: message(said) };
        const response = await post(mock.url, '/v1/chat/completions', JSON.stringify(body, null, space));
        assert.equal(/event-stream/.test(response.headers.get('content-type') ?? ''), stream);
        await response.text();
      }),
      { numRuns: 200 },
    );
  });
});
