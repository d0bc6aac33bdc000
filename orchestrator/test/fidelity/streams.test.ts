import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AskedFormat } from '#src/catalogue/format-of.js';
import { scriptOf } from '#src/fidelity/answers.js';
import type { AnswerKind } from '#src/fidelity/case.js';
import { FIDELITY_CASES } from '#src/fidelity/cases.js';
import { foldedStream } from '#src/fidelity/folded-stream.js';
import { type Json, type JsonMembers, leavesOf, membersOf, valueAt, withValueAt } from '#src/fidelity/json-place.js';
import { streamOf } from '#src/fidelity/stream-of.js';

const ASKED = { stream: true, stream_options: { include_usage: true } };
const STREAMED: readonly [AnswerKind, AskedFormat][] = [
  ['text', 'chat'],
  ['tools', 'chat'],
  ['text', 'messages'],
  ['tools', 'messages'],
  ['text', 'responses'],
  ['tools', 'responses'],
];

/** Members that a stream says in other words than a whole answer. */
const OTHERWISE = /^object$/;

for (const [kind, format] of STREAMED)
  test(`what ${format} says about ${kind} is the same as a stream, put together again`, () => {
    const script = scriptOf(kind, format, {});
    const optional = Object.entries(script.optional).filter(([place]) => !place.startsWith('header '));
    const fullest = optional.reduce<Json>((json, [place, value]) => withValueAt(json, place, value), script.base.body);
    const bodies = [fullest, ...script.variants.flatMap(({ answer }) => (answer.status === 200 ? answer.body : []))];
    for (const body of bodies.map(membersOf)) {
      const folded = foldedStream(format, Buffer.from(streamOf(format, body, ASKED)));
      for (const { place, value } of leavesOf(body))
        if (!OTHERWISE.test(place))
          assert.deepEqual(valueAt(folded, place), value, `${place} of ${JSON.stringify(folded)}`);
    }
  });

test('a stream is put together alike however it is cut into pieces', () => {
  const chunk = (delta: JsonMembers): string =>
    `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta }] })}\n\n`;
  const call = (text: string, more: JsonMembers = {}) => ({
    tool_calls: [{ index: 0, ...more, function: { arguments: text } }],
  });
  const coarse =
    chunk({ role: 'assistant', content: 'one two' }) + chunk(call('{"a":1}', { id: 'c' })) + 'data: [DONE]\n\n';
  const fine = [
    chunk({ role: 'assistant', content: '' }),
    chunk({ content: 'one' }),
    chunk({ content: ' two' }),
    chunk(call('{"a"', { id: 'c' })),
    chunk(call(':1}')),
    'data: [DONE]\n\n',
  ].join('');
  const [a, b] = [coarse, fine].map((text) => foldedStream('chat', Buffer.from(text)));
  assert.deepEqual(a, b);
  assert.equal(a?.['DONE'], true);
  assert.equal(foldedStream('chat', Buffer.from(chunk({ content: 'x' })))['DONE'], undefined);
});

test('usage that is null on every chunk but the last is told apart from none', () => {
  const text = (usage: string) =>
    `data: {"choices":[{"index":0,"delta":{}}]${usage}}\n\ndata: {"choices":[],"usage":{"prompt_tokens":3}}\n\n`;
  assert.equal(foldedStream('chat', Buffer.from(text(',"usage":null')))['usage null until the end'], true);
  const without = foldedStream('chat', Buffer.from(text('')));
  assert.equal(without['usage null until the end'], undefined);
  assert.deepEqual(without['usage'], { prompt_tokens: 3 });
});

test('every case can be asked as it stands, and each of its members is one of its own', () => {
  const names = FIDELITY_CASES.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { name, required, optional } of FIDELITY_CASES)
    for (const place of Object.keys(optional))
      assert.equal(valueAt(required, place), undefined, `${name} has ${place} twice`);
});
