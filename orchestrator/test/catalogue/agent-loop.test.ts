import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCENARIOS, scenarioBody } from '#src/catalogue/scenarios.js';
import { notServed } from '#src/catalogue/served.js';

interface Body {
  readonly stream: boolean;
  readonly messages: readonly {
    readonly role: string;
    readonly content: string | null;
    readonly tool_calls?: readonly { readonly id: string; readonly function: { readonly name: string } }[];
    readonly tool_call_id?: string;
  }[];
  readonly tools: readonly { readonly function: { readonly name: string } }[];
}

const LOOP = SCENARIOS.find(({ name }) => name === 'agent-loop') ?? assert.fail();
const { kinds, turns = [], partOf = [] } = LOOP.blend ?? assert.fail();
const BODIES = kinds.map((kind) => JSON.parse(scenarioBody(kind, { modelPrefix: '' })) as Body);

test('a session grows from 3 kB to 200 kB of conversation and offers 20 tools in every turn', () => {
  const sizes = BODIES.map(({ messages }) => JSON.stringify(messages).length);
  assert.ok(Math.abs((sizes[0] ?? 0) - 3000) < 300, `${sizes[0]}`);
  assert.ok(Math.abs((sizes.at(-1) ?? 0) - 200_000) < 2000, `${sizes.at(-1)}`);
  assert.deepEqual(
    sizes,
    sizes.toSorted((a, b) => a - b),
  );
  for (const { tools, stream } of BODIES) {
    assert.ok(stream);
    assert.equal(new Set(tools.map((tool) => tool.function.name)).size, 20);
  }
});

test('each turn is the one before, what was answered to it, and what came of that', () => {
  for (const [index, { messages }] of BODIES.entries()) {
    const before = BODIES[index - 1]?.messages ?? messages.slice(0, 2);
    const plain = (list: Body['messages']) =>
      list.map(({ content, ...rest }) => [rest, content?.split('\nAnswer in')[0]]);
    assert.deepEqual(plain(messages.slice(0, before.length)), plain(before));
    const last = messages.at(-1);
    const markers = messages.filter(({ content }) => content?.includes('[[bench ') === true);
    assert.deepEqual(markers, [last]);
    if (index === 0) continue;
    assert.equal(messages.length, before.length + 2);
    const answered = messages.at(-2);
    assert.equal(answered?.role, 'assistant');
    if (kinds[index - 1]?.answer === 'chat') {
      assert.equal(last?.role, 'user');
      continue;
    }
    const [call] = answered?.tool_calls ?? [];
    assert.deepEqual([last?.role, last?.tool_call_id], ['tool', call?.id]);
    assert.ok(kinds[index - 1]?.always?.endsWith(`tool=${call?.function.name}`));
  }
});

test('turns are told by four, which hold all of them once, each with the sizes of its first and last', () => {
  assert.deepEqual(
    turns.map((part) => [part.turns.first, part.turns.last]),
    [1, 5, 9, 13, 17, 21].map((first) => [first, first + 3]),
  );
  for (const [index, name] of partOf.entries()) {
    const part = turns.find((one) => one.name === name) ?? assert.fail(name);
    assert.ok(part.turns.first <= index + 1 && index + 1 <= part.turns.last);
    assert.ok(part.bytes.least < part.bytes.most);
  }
});

test('who offers no tools, or streams nothing, does not offer sessions', () => {
  assert.equal(notServed(LOOP, ['chat', 'chat-stream', 'tools']), null);
  assert.equal(notServed(LOOP, ['chat', 'chat-stream']), 'tools');
  assert.equal(notServed(LOOP, ['chat', 'tools']), 'chat-stream');
});
