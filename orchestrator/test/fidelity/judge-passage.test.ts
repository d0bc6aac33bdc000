import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Translation } from '#src/fidelity/equivalents.js';
import { type JsonMembers, leavesOf } from '#src/fidelity/json-place.js';
import { judgePassage } from '#src/fidelity/judge-passage.js';

const SAME: Translation = { from: 'chat', to: 'chat', of: 'request' };
const TO_CHAT: Translation = { from: 'messages', to: 'chat', of: 'request' };
const FROM_CHAT: Translation = { from: 'chat', to: 'messages', of: 'answer' };

/** Fates as `place: state detail`, and what was added. */
function judged(sent: JsonMembers, arrived: JsonMembers, translation = SAME, headers: Record<string, string> = {}) {
  const heads = Object.entries(headers).map(([name, value]) => ({ place: `header ${name}`, value }));
  const passage = judgePassage(
    sent,
    [...leavesOf(sent), ...heads],
    { headers: { kept: 'yes', other: 'no', 'provider-renamed': '17' }, body: arrived },
    translation,
  );
  const words = passage.fields.map(
    ({ field, state, detail }) => `${field}: ${state}${detail === undefined ? '' : ` ${detail}`}`,
  );
  return { words, added: passage.added };
}

test('in one format a field belongs where it stood', () => {
  const { words, added } = judged(
    { a: 1, b: 'a long text', c: { d: true, e: 0.5 }, f: 'another text', g: [1, 2], nothing: null },
    { a: 1, b: 'a changed text', c: { e: 0.25 }, renamed: 'another text', extra: { deep: 1 }, nothing: null },
  );
  assert.deepEqual(words, [
    'a: kept',
    'b: changed "a changed text"',
    'c.d: lost',
    'c.e: changed 0.25',
    'f: moved renamed',
    'g: lost',
  ]);
  assert.deepEqual(added, ['extra'], 'neither where something went nor a null that was sent');
});

test('what is small or common is found nowhere but where it stood', () => {
  assert.deepEqual(judged({ n: 3, yes: true, word: 'high' }, { other: 3, no: true, also: 'high' }).words, [
    'n: lost',
    'yes: lost',
    'word: lost',
  ]);
});

test('headers are looked for by name', () => {
  assert.deepEqual(judged({}, {}, SAME, { kept: 'yes', other: 'yes', gone: 'yes', renamed: '17' }).words, [
    'header kept: kept',
    'header other: changed "no"',
    'header gone: lost',
    'header renamed: moved header provider-renamed',
  ]);
});

test('JSON within a text means the same however it is written', () => {
  assert.deepEqual(
    judged({ arguments: '{"city":"Bern","days":3}' }, { arguments: '{ "days": 3, "city": "Bern" }' }).words,
    ['arguments: kept'],
  );
});

test('a translated question is looked for by meaning, by value and by name', () => {
  const { words, added } = judged(
    {
      max_tokens: 1777,
      system: [{ type: 'text', text: 'You are held to every word.' }],
      messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_earlier', input: { city: 'Bern' } }] }],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      top_k: 37,
      temperature: 0.37,
      metadata: { user_id: 'user-of-theirs' },
      stream: true,
    },
    {
      max_completion_tokens: 1777,
      messages: [
        { role: 'system', content: 'First this. You are held to every word.' },
        { role: 'assistant', tool_calls: [{ id: 'toolu_earlier', function: { arguments: '{"city":"Bern"}' } }] },
      ],
      tool_choice: 'required',
      temperature: 0.37,
      stream: true,
      stream_options: { include_usage: true },
    },
    TO_CHAT,
  );
  assert.deepEqual(words, [
    'max_tokens: moved max_completion_tokens',
    'system[0].text: moved messages[0].content',
    'messages[0].content[0].id: moved messages[1].tool_calls[0].id',
    'messages[0].content[0].input.city: moved messages[1].tool_calls[0].function.arguments.city',
    'tool_choice.type: moved tool_choice',
    'tool_choice.disable_parallel_tool_use: lost',
    'top_k: no-place',
    'temperature: kept',
    'metadata.user_id: lost',
    'stream: kept',
  ]);
  assert.deepEqual(added, ['stream_options']);
});

test('a word that was taken over as it is, though the other format has another for it, is changed', () => {
  const sent = { tool_choice: { type: 'any' } };
  assert.deepEqual(judged(sent, { tool_choice: 'any' }, TO_CHAT).words, ['tool_choice.type: changed "any"']);
  assert.deepEqual(judged(sent, { tool_choice: 'required' }, TO_CHAT).words, ['tool_choice.type: moved tool_choice']);
  assert.deepEqual(judged(sent, {}, TO_CHAT).words, ['tool_choice.type: lost']);
});

test('a translated answer counts what came from the cache as its format does, and a text within another is no member', () => {
  const answer = (usage: JsonMembers) =>
    judged(
      {
        choices: [{ finish_reason: 'length' }],
        usage: { prompt_tokens: 1723, total_tokens: 2142 },
        code: 'rate_limit_exceeded',
      },
      { stop_reason: 'max_tokens', usage, text: 'it said rate_limit_exceeded' },
      FROM_CHAT,
    ).words;
  const counted = [
    'choices[0].finish_reason: moved stop_reason',
    'usage.prompt_tokens: moved usage.input_tokens',
    'usage.total_tokens: no-place',
    'code: changed within text',
  ];
  assert.deepEqual(answer({ input_tokens: 692, cache_read_input_tokens: 1031 }), counted);
  assert.deepEqual(answer({ input_tokens: 1723 }), counted);
  assert.equal(answer({ input_tokens: 1 })[1], 'usage.prompt_tokens: lost');
});

test('what was sent twice is found twice', () => {
  assert.deepEqual(
    judged(
      { messages: [{ name: 'get_weather' }], tools: [{ name: 'get_weather' }] },
      { input: [{ name: 'get_weather' }], functions: [{ name: 'get_weather' }] },
      TO_CHAT,
    ).words,
    ['messages[0].name: moved input[0].name', 'tools[0].name: moved functions[0].name'],
  );
});

test('of an object that arrives in part it is said what is missing', () => {
  const source = { source: { media_type: 'image/png', data: 'iVBORw0KGgo' } };
  const fields = [{ place: 'image', value: source }];
  const arrived = { headers: {}, body: { url: 'data:image/jpeg;base64,iVBORw0KGgo' } };
  const { fields: fates } = judgePassage({ image: source }, fields, arrived, TO_CHAT);
  assert.deepEqual(fates, [{ field: 'image', state: 'changed', detail: 'without source.media_type' }]);
});
