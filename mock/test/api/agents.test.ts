import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startFast, type InProcess } from '../support/in-process.js';
import { post } from '../support/started-mock.js';

/** What an answer calls, and why it ended. */
interface Answered {
  readonly calls: readonly { readonly id: string; readonly name: string }[];
  readonly finish: string;
  /** Goes on with the conversation: the answer, and a result for each call. */
  readonly next: readonly object[];
}

type Json = Record<string, unknown>;

let server: InProcess;
before(async () => {
  server = await startFast();
});
after(() => server.stop());

async function ask(path: string, body: object): Promise<Json> {
  const url = `http://127.0.0.1:${server.port}`;
  const response = await post(url, path, { model: 'bench-chat', ...body }, { 'anthropic-version': '2023-06-01' });
  const json = (await response.json()) as Json;
  assert.equal(response.status, 200, JSON.stringify(json));
  return json;
}

const schema = { type: 'object', properties: { city: { type: 'string' } } };
const NAMES = ['search', 'read', 'finish'];

const apis = {
  chat: {
    choices: { required: 'required', auto: 'auto', named: { type: 'function', function: { name: 'read' } } },
    single: { parallel_tool_calls: false },
    async ask(history: readonly object[], more: object): Promise<Answered> {
      const tools = NAMES.map((name) => ({ type: 'function', function: { name, parameters: schema } }));
      const answer = await ask('/v1/chat/completions', { messages: history, tools, ...more });
      const [choice] = answer['choices'] as { message: { tool_calls?: Json[] }; finish_reason: string }[];
      assert.ok(choice !== undefined);
      const calls = (choice.message.tool_calls ?? []).map(({ id, function: called }) => ({
        id: id as string,
        name: (called as Json)['name'] as string,
      }));
      const results = calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'sunny' }));
      return { calls, finish: choice.finish_reason, next: [choice.message, ...results] };
    },
    called: 'tool_calls',
    named: 'stop',
    text: 'stop',
  },
  messages: {
    choices: { required: { type: 'any' }, auto: { type: 'auto' }, named: { type: 'tool', name: 'read' } },
    single: { tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
    async ask(history: readonly object[], more: object): Promise<Answered> {
      const tools = NAMES.map((name) => ({ name, input_schema: schema }));
      const answer = await ask('/v1/messages', { messages: history, tools, max_tokens: 500, ...more });
      const content = answer['content'] as Json[];
      const calls = content
        .filter(({ type }) => type === 'tool_use')
        .map(({ id, name }) => ({ id: id as string, name: name as string }));
      const results = calls.map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: 'sunny' }));
      const next = [
        { role: 'assistant', content },
        { role: 'user', content: results },
      ];
      return { calls, finish: answer['stop_reason'] as string, next };
    },
    called: 'tool_use',
    named: 'tool_use',
    text: 'end_turn',
  },
  responses: {
    choices: { required: 'required', auto: 'auto', named: { type: 'function', name: 'read' } },
    single: { parallel_tool_calls: false },
    async ask(history: readonly object[], more: object): Promise<Answered> {
      const tools = NAMES.map((name) => ({ type: 'function', name, parameters: schema }));
      const answer = await ask('/v1/responses', { input: history, tools, ...more });
      const output = answer['output'] as Json[];
      const calls = output
        .filter(({ type }) => type === 'function_call')
        .map(({ call_id: id, name }) => ({ id: id as string, name: name as string }));
      const results = calls.map(({ id }) => ({ type: 'function_call_output', call_id: id, output: 'sunny' }));
      return { calls, finish: answer['status'] as string, next: [...output, ...results] };
    },
    called: 'completed',
    named: 'completed',
    text: 'completed',
  },
};

const user = (text = 'hello') => [{ role: 'user', content: text }];
const namesOf = ({ calls }: Answered) => calls.map(({ name }) => name);

for (const [name, api] of Object.entries(apis)) {
  describe(`an agent on ${name}`, () => {
    it('that must call a tool each time gets through all of them, and stays with the last', async () => {
      let history: object[] = user();
      const called: string[] = [];
      const ids = new Set<string>();
      for (let turn = 0; turn < 5; turn++) {
        const answer = await api.ask(history, { tool_choice: api.choices.required });
        assert.equal(answer.finish, api.called);
        called.push(...namesOf(answer));
        for (const { id } of answer.calls) ids.add(id);
        history = [...history, ...answer.next];
      }
      assert.deepEqual(called, ['search', 'read', 'finish', 'finish', 'finish']);
      assert.equal(ids.size, 5);
    });

    it('that is left to itself ends with a text', async () => {
      const first = await api.ask(user(), { tool_choice: api.choices.auto });
      assert.deepEqual([namesOf(first), first.finish], [['search'], api.called]);
      const second = await api.ask([...user(), ...first.next], { tool_choice: api.choices.auto });
      assert.deepEqual([namesOf(second), second.finish], [[], api.text]);
    });

    it('that names a function gets a call of it', async () => {
      const answer = await api.ask(user(), { tool_choice: api.choices.named });
      assert.deepEqual([namesOf(answer), answer.finish], [['read'], api.named]);
    });

    it('gets as many calls as the marker says, each with an id of its own, and one where parallel ones are off', async () => {
      const answer = await api.ask(user('[[bench calls=5]]'), {});
      assert.deepEqual(namesOf(answer), ['search', 'read', 'finish', 'search', 'read']);
      assert.equal(new Set(answer.calls.map(({ id }) => id)).size, 5);
      assert.equal((await api.ask(user('[[bench calls=5]]'), api.single)).calls.length, 1);
      assert.equal((await api.ask(user('[[bench calls=0]]'), {})).calls.length, 0);
    });

    it('gets a call of the tool that the marker names, behind a result too when a call is wished for', async () => {
      assert.deepEqual(namesOf(await api.ask(user('[[bench tool=finish]]'), {})), ['finish']);
      const first = await api.ask(user('[[bench as=call tool=read]]'), {});
      const second = await api.ask([...user('[[bench as=call tool=read]]'), ...first.next], {});
      assert.deepEqual(namesOf(second), ['read']);
      assert.equal((await api.ask(user('[[bench as=text]]'), { tool_choice: api.choices.required })).calls.length, 0);
    });
  });
}

describe('what an answer is', () => {
  const chat = (marker: string, more: object = {}) =>
    ask('/v1/chat/completions', { messages: user(`Hello [[bench ${marker}]]`), ...more });
  const first = (answer: Json) => (answer['choices'] as { message: Json; finish_reason: string }[])[0];

  it('can be a text of one’s own, percent-encoded', async () => {
    assert.equal(first(await chat('say=Good%20day%2C%20%F0%9F%A6%80%5D'))?.message['content'], 'Good day, 🦀]');
    const messages = await ask('/v1/messages', { messages: user('[[bench say=Hi]]'), max_tokens: 9 });
    assert.deepEqual((messages['content'] as Json[])[0]?.['text'], 'Hi');
    const response = await ask('/v1/responses', { input: '[[bench say=Hi]]' });
    assert.match(JSON.stringify(response['output']), /"text":"Hi"/);
    const completion = await ask('/v1/completions', { prompt: '[[bench say=Hi]]' });
    assert.match(JSON.stringify(completion['choices']), /"text":"Hi"/);
  });

  it('can be JSON', async () => {
    const { message } = first(await chat('as=json')) ?? {};
    assert.equal(typeof JSON.parse(message?.['content'] as string), 'object');
  });

  it('can end for any reason, in each API’s words', async () => {
    assert.equal(first(await chat('finish=content_filter'))?.finish_reason, 'content_filter');
    const reasons = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use', content_filter: 'refusal' };
    for (const [wish, expected] of Object.entries(reasons)) {
      const message = await ask('/v1/messages', { messages: user(`[[bench finish=${wish}]]`), max_tokens: 99 });
      assert.equal(message['stop_reason'], expected);
    }
    const response = await ask('/v1/responses', { input: '[[bench finish=content_filter]]' });
    assert.deepEqual(
      [response['status'], response['incomplete_details']],
      ['incomplete', { reason: 'content_filter' }],
    );
  });

  it('says what was said before the calls', async () => {
    const tools = [{ type: 'function', function: { name: 'search', parameters: schema } }];
    const answer = first(await chat('say=Wait. as=call', { tools }));
    assert.equal(answer?.message['content'], 'Wait.');
    assert.match(JSON.stringify(answer?.message['tool_calls']), /^\[\{[^[]*\}\]$/);
  });

  it('is refused when the tool is not offered, and by a marker that cannot be read', async () => {
    const tools = [{ type: 'function', function: { name: 'search', parameters: schema } }];
    for (const [marker, expected] of [
      ['tool=nope', /bench: tool "nope" is not one of those that the request offers \(search\)/],
      ['as=song', /as "song" is not one of text, json, call/],
      ['calls=9', /calls "9" is not a number from 0 to 8/],
      ['say=%', /say "%" is not a percent-encoded text/],
      ['finish=never', /finish "never" is not one of stop, length, tool_calls, content_filter/],
    ] as const) {
      const body = { model: 'bench-chat', messages: user(`[[bench ${marker}]]`), tools };
      const response = await post(`http://127.0.0.1:${server.port}`, '/v1/chat/completions', body);
      assert.equal(response.status, 400);
      assert.match(await response.text().then((text) => JSON.parse(text).error.message as string), expected);
    }
  });

  it('can be set for all, by options', async (t) => {
    const set = await startFast(['--answer', 'say=Hello = you', '--answer', 'finish=length']);
    t.after(() => set.stop());
    const response = await post(`http://127.0.0.1:${set.port}`, '/v1/chat/completions', {
      model: 'bench-chat',
      messages: user(),
    });
    const choice = first((await response.json()) as Json);
    assert.deepEqual([choice?.message['content'], choice?.finish_reason], ['Hello = you', 'length']);
  });
});

describe('functions, which came before tools', () => {
  const functions = NAMES.map((name) => ({ name, parameters: schema }));
  const chat = (more: object) => ask('/v1/chat/completions', { messages: user(), functions, ...more });
  const first = (answer: Json) => (answer['choices'] as { message: Json; finish_reason: string }[])[0];

  it('are called as they were', async () => {
    const auto = first(await chat({}));
    assert.equal(auto?.finish_reason, 'function_call');
    assert.deepEqual(auto.message['function_call'], { name: 'search', arguments: '{"city":"bench city"}' });
    assert.equal(first(await chat({ function_call: { name: 'read' } }))?.finish_reason, 'stop');
    assert.equal(first(await chat({ function_call: 'none' }))?.message['function_call'], undefined);
    const messages = [...user(), auto.message, { role: 'function', name: 'search', content: 'sunny' }];
    assert.equal(first(await chat({ messages }))?.finish_reason, 'stop');
  });

  it('are called in a stream as they were', async () => {
    const body = { model: 'bench-chat', messages: user(), functions, stream: true };
    const text = await (await post(`http://127.0.0.1:${server.port}`, '/v1/chat/completions', body)).text();
    const chunks = Array.from(text.matchAll(/^data: (\{.*)$/gm), ([, json = '']) => JSON.parse(json) as Json);
    const deltas = chunks.flatMap(({ choices }): Json[] => {
      const [choice] = choices as { delta: { function_call?: Json } }[];
      return choice?.delta.function_call === undefined ? [] : [choice.delta.function_call];
    });
    assert.equal(deltas[0]?.['name'], 'search');
    assert.equal(deltas.map(({ arguments: piece }) => piece).join(''), '{"city":"bench city"}');
    assert.match(text, /"finish_reason":"function_call"/);
  });
});
