import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ExpectedAnswer } from '#src/answers/expected-answer.js';
import { Answer, type Verdict } from '#src/load/native/answer.js';
import { textDifference } from '#src/load/native/answer-check.js';
import { expectedOf } from '#src/answers/expected-of.js';
import { type Frame, readFrame, type WireFormat } from '#src/answers/frame.js';
import { readPlainAnswer } from '#src/answers/plain-answer.js';
import { FrameMemory } from '#src/load/native/frame-memory.js';

const EXPECTED: ExpectedAnswer = {
  text: 'one two three ',
  tools: [{ name: 'weather', arguments: '{"city":"Wien"}' }],
  finishReason: 'tool_calls',
  usage: { input: 3, output: 4 },
};

/** One chat frame. */
function chat(delta: object, more: object = {}, finishReason: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason: finishReason }];
  return JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices,
    ...more,
  });
}

function tool(fragment: string, name?: string): string {
  return chat({
    tool_calls: [{ index: 0, function: { ...(name === undefined ? {} : { name }), arguments: fragment } }],
  });
}

const USAGE = JSON.stringify({
  id: 'chatcmpl-1',
  choices: [],
  usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
});
const GOOD = [
  chat({ role: 'assistant', content: '' }),
  chat({ content: 'one ' }),
  chat({ content: 'two ' }),
  chat({ content: 'three ' }),
  tool('', 'weather'),
  tool('{"city":'),
  tool('"Wien"}'),
  chat({}, {}, 'tool_calls'),
  USAGE,
  '[DONE]',
];

interface Seen {
  readonly verdict: Verdict;
  readonly tokens: number;
  readonly frames: number;
  /** What was told of the stream, and at which frame. */
  readonly told: readonly string[];
}

function readStream(frames: readonly string[], memory = new FrameMemory(), format: WireFormat = 'chat'): Seen {
  let tokens = 0;
  const spec = { format, streaming: true, expected: format === 'chat' ? EXPECTED : null, memory };
  const told: string[] = [];
  const answer = new Answer(spec, {
    onFirstFrame: () => void told.push(`first frame at ${answer.frames}`),
    onToken: () => {
      if (tokens++ === 0) told.push(`first token at ${answer.frames}`);
    },
  });
  answer.onHead(200);
  const bytes = Buffer.from(frames.map((data) => `data: ${data}\n\n`).join(''));
  answer.onBody(bytes, 0, bytes.length);
  return { verdict: answer.verdict(), tokens, frames: answer.frames, told };
}

function without(position: number): string[] {
  return GOOD.filter((_, i) => i !== position);
}

function swapped(position: number): string[] {
  const frames = [...GOOD];
  frames.splice(position, 2, GOOD[position + 1] as string, GOOD[position] as string);
  return frames;
}

function twice(position: number): string[] {
  return GOOD.flatMap((frame, i) => (i === position ? [frame, frame] : [frame]));
}

describe('the content of a stream', () => {
  it('is as expected, and its tokens are counted', () => {
    const told = ['first frame at 1', 'first token at 2'];
    assert.deepEqual(readStream(GOOD), { verdict: { outcome: 'ok', message: '' }, tokens: 6, frames: 10, told });
  });

  const table: [string, readonly string[], string | undefined][] = [
    ['a dropped frame', without(2), 'text-missing'],
    ['a dropped last word', without(3), 'text-missing'],
    ['a repeated frame', twice(2), 'text-added'],
    ['two frames swapped', swapped(1), 'text-order'],
    ['other words', GOOD.with(2, chat({ content: 'zwei' })), 'text-differs'],
    ['two tool fragments swapped', swapped(5), 'tool-arguments'],
    ['a dropped tool fragment', without(6), 'tool-arguments'],
    ['another tool', GOOD.with(4, tool('', 'time')), 'tool-calls'],
    ['another finish reason', GOOD.with(7, chat({}, {}, 'stop')), 'finish-reason'],
    ['no usage', without(8), 'usage'],
    ['[DONE] twice', twice(9), 'after-end'],
    ['a frame behind [DONE]', swapped(8), 'after-end'],
  ];
  for (const [name, frames, breach] of table) {
    it(`finds ${name}`, () => {
      const { verdict } = readStream(frames);
      assert.equal(verdict.outcome, 'content');
      assert.equal(verdict.breach, breach);
      assert.notEqual(verdict.message, '');
    });
  }

  it('gives an example that shows the place', () => {
    assert.equal(
      readStream(without(2)).verdict.message,
      'text-missing: text: differs at character 5: expected "one two three ", got "one three " (14 and 10 characters)',
    );
  });

  it('tells truncation, server errors and broken frames from wrong content', () => {
    assert.equal(readStream(without(9)).verdict.outcome, 'truncated');
    assert.equal(
      readStream([...GOOD.slice(0, 3), '{"error":{"message":"overloaded"}}']).verdict.outcome,
      'stream-error',
    );
    assert.equal(readStream(GOOD.with(2, '{"choices":')).verdict.outcome, 'malformed');
  });

  it('is judged the same with and without memory of earlier streams', () => {
    const breaches = fc.constantFrom(GOOD, ...table.map(([, frames]) => frames));
    fc.assert(
      fc.property(fc.array(breaches, { minLength: 1, maxLength: 12 }), (streams) => {
        const memory = new FrameMemory();
        for (const frames of streams) assert.deepEqual(readStream(frames, memory), readStream(frames));
      }),
    );
  });
});

describe('the memory of frames', () => {
  it('knows a frame again whose id and time are others, and no other difference', () => {
    const memory = new FrameMemory();
    const first = Buffer.from(GOOD[1] as string);
    memory.remember(0, first, 0, first.length, '', readFrame('chat', '', GOOD[1] as string));
    const recall = (text: string) => memory.recall(0, Buffer.from(text), 0, Buffer.byteLength(text), '');
    const frame = GOOD[1] as string;
    assert.equal(recall(frame.replace('chatcmpl-1', 'chatcmpl-2').replace('"created":1', '"created":7'))?.text, 'one ');
    assert.equal(recall(frame.replace('one ', 'two ')), null);
    assert.equal(recall(frame.replace('chatcmpl-1', 'chatcmpl"1')), null);
    assert.equal(recall(frame.replace('chatcmpl-1', 'chatcmpl-10')), null);
  });

  const dialects: readonly (readonly [WireFormat, string, (id: string) => object])[] = [
    ['messages', 'message_start', (id) => ({ type: 'message_start', message: { id, role: 'assistant', content: [] } })],
    [
      'messages',
      'content_block_start',
      (id) => ({
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'tool_use', id, name: 'look', input: {} },
      }),
    ],
    [
      'responses',
      'response.created',
      (id) => ({ type: 'response.created', response: { id, created_at: 1, output: [] } }),
    ],
    [
      'responses',
      'response.output_item.added',
      (id) => ({ type: 'response.output_item.added', item: { id, call_id: id, type: 'function_call', name: 'look' } }),
    ],
    [
      'responses',
      'response.output_text.delta',
      (id) => ({ type: 'response.output_text.delta', item_id: id, delta: 'a' }),
    ],
    ['chat', '', (id) => ({ id, created: 1, choices: [{ delta: { tool_calls: [{ index: 0, id, function: {} }] } }] })],
  ];
  for (const [format, type, make] of dialects) {
    it(`knows a frame again whose ids are others wherever they stand: ${format} ${type}`, () => {
      const memory = new FrameMemory();
      const [first, other] = ['id_000001', 'id_00000f'].map((id) => Buffer.from(JSON.stringify(make(id))));
      assert.ok(first !== undefined && other !== undefined);
      const frame = readFrame(format, type, first.toString());
      memory.remember(0, first, 0, first.length, type, frame);
      assert.equal(memory.recall(0, other, 0, other.length, type), frame);
    });
  }

  it('does not take what a tool is given for an id', () => {
    const memory = new FrameMemory();
    const say = (id: string) =>
      JSON.stringify({ type: 'message', content: [{ type: 'tool_use', id: 't1', name: 'look', input: { id } }] });
    const first = Buffer.from(say('aaa'));
    memory.remember(0, first, 0, first.length, '', readPlainAnswer('messages', say('aaa')));
    assert.equal(memory.recall(0, Buffer.from(say('bbb')), 0, first.length, ''), null);
  });

  it('never says anything but what a parse says', () => {
    const value = fc.constantFrom('a', 'b', '"id":"x"', '"created":1', '\\', 'chatcmpl-1', 'é');
    const data = fc
      .record({
        id: fc.constantFrom('x1', 'x2', 'y"'),
        created: fc.integer({ min: 0, max: 9 }),
        content: value,
        first: fc.boolean(),
      })
      .map(({ id, created, content, first }) => {
        const choices = [{ delta: { content }, finish_reason: null }];
        return JSON.stringify(first ? { id, created, choices } : { choices, created, id });
      });
    fc.assert(
      fc.property(fc.array(data, { maxLength: 40 }), (frames) => {
        const memory = new FrameMemory();
        for (const text of frames) {
          const bytes = Buffer.from(text);
          const parsed: Frame = readFrame('chat', '', text);
          assert.deepEqual(memory.recall(0, bytes, 0, bytes.length, '') ?? parsed, parsed);
          memory.remember(0, bytes, 0, bytes.length, '', parsed);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('the wire formats', () => {
  it('Messages: text, tools, thoughts, usage, and the end', () => {
    const events = [
      { type: 'message_start', message: { usage: { input_tokens: 3, output_tokens: 0 } } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'ping' },
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'hm' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hello' } },
      { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', name: 'weather', input: {} } },
      { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{}' } },
      { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { input_tokens: 3, output_tokens: 9 } },
      { type: 'message_stop' },
    ].map((event) => JSON.stringify(event));
    assert.deepEqual(readStream(events, new FrameMemory(), 'messages'), {
      verdict: { outcome: 'ok', message: '' },
      tokens: 4,
      frames: 9,
      told: ['first frame at 1', 'first token at 4'],
    });
    const body = Buffer.from(events.map((data) => `data: ${data}\n\n`).join(''));
    assert.deepEqual(expectedOf('messages', true, body), {
      text: 'hello',
      tools: [{ name: 'weather', arguments: '{}' }],
      finishReason: 'tool_use',
      usage: { input: 3, output: 9 },
    });
    assert.equal(readStream(events.slice(0, -1), new FrameMemory(), 'messages').verdict.outcome, 'truncated');
  });

  it('Responses: deltas, a terminal event and no [DONE]', () => {
    const events = [
      { type: 'response.created', response: {} },
      { type: 'response.output_text.delta', delta: 'hello' },
      { type: 'response.completed', response: { status: 'completed', usage: { input_tokens: 1, output_tokens: 2 } } },
    ].map((event) => JSON.stringify(event));
    assert.deepEqual(readStream(events, new FrameMemory(), 'responses'), {
      verdict: { outcome: 'ok', message: '' },
      tokens: 1,
      frames: 3,
      told: ['first frame at 1', 'first token at 2'],
    });
    const failed = JSON.stringify({ type: 'response.failed', response: { error: { message: 'no' } } });
    assert.equal(readStream([failed], new FrameMemory(), 'responses').verdict.outcome, 'stream-error');
  });

  it('a [DONE] is no end where a format has one of its own, and no fault behind it', () => {
    const ended: Readonly<Record<'messages' | 'responses', string>> = {
      messages: JSON.stringify({ type: 'message_stop' }),
      responses: JSON.stringify({ type: 'response.completed', response: {} }),
    };
    for (const format of ['messages', 'responses'] as const) {
      const verdictOf = (...events: readonly string[]) => readStream(events, new FrameMemory(), format).verdict;
      const body = (...events: readonly string[]) => Buffer.from(events.map((data) => `data: ${data}\n\n`).join(''));
      assert.equal(verdictOf(ended[format], '[DONE]').outcome, 'ok', format);
      assert.equal(verdictOf('[DONE]').outcome, 'truncated', format);
      assert.equal(verdictOf(ended[format], ended[format]).breach, 'after-end', format);
      assert.equal(expectedOf(format, true, body(ended[format], '[DONE]')).text, '');
      assert.throws(() => expectedOf(format, true, body('[DONE]')), /does not end with/);
    }
  });

  it('embeddings: as many vectors of the same length', () => {
    assert.equal(expectedOf('embeddings', false, embeddings([3, 3])).text, '3 3');
    assert.throws(() => expectedOf('embeddings', false, embeddings([])), /no embeddings answer/);
  });
});

/** An answer with vectors of these lengths. */
function embeddings(lengths: readonly number[]): Buffer {
  const data = lengths.map((length) => ({ embedding: Array.from({ length }, () => 0) }));
  return Buffer.from(JSON.stringify({ object: 'list', data, usage: { prompt_tokens: 5 } }));
}

describe('how a text differs', () => {
  it('is told for any cut, any insertion and any swap', () => {
    const text = fc.string({ minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        assert.equal(textDifference(a + b + c, a + c), 'text-missing');
        assert.equal(textDifference(a + c, a + b + c), 'text-added');
        if (a !== b)
          assert.ok(['text-order', 'text-missing', 'text-added'].includes(textDifference(a + b + c, b + a + c)));
      }),
    );
  });
});
