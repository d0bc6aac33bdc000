import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startFast, type InProcess } from '../support/in-process.js';
import { post } from '../support/started-mock.js';

const user = { role: 'user', content: 'hi' };
const CHAT = { model: 'bench-chat', messages: [user] };
const RESPONSE = { model: 'bench-chat', input: 'hi' };
const COMPLETION = { model: 'bench-chat', prompt: 'hi' };
const MESSAGE = { model: 'bench-chat', messages: [user], max_tokens: 2000 };
const tool = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } };
const flatTool = { type: 'function', name: 'f', parameters: { type: 'object' } };
const called = (id: string) => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id, type: 'function', function: { name: 'f', arguments: '{"role":"king"}' } }],
});
const result = (id: string) => ({ role: 'tool', tool_call_id: id, content: 'ok' });
const uses = (id: string) => ({
  role: 'assistant',
  content: [{ type: 'tool_use', id, name: 'f', input: { role: 'king' } }],
});
const gives = (id: string) => ({ role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'ok' }] });
const thinking = (budget: unknown) => ({ type: 'enabled', budget_tokens: budget });

/** What a provider refuses: where, what, and what the message must name. */
const REFUSED: readonly (readonly [path: string, body: object, names: RegExp, param?: string])[] = [
  ['chat/completions', { ...CHAT, tempratur: 1 }, /Unknown parameter: 'tempratur'/, 'tempratur'],
  ['chat/completions', { ...CHAT, temperature: 'hot' }, /'temperature': expected a number from 0 to 2/, 'temperature'],
  ['chat/completions', { ...CHAT, temperature: 2.1 }, /from 0 to 2/, 'temperature'],
  ['chat/completions', { ...CHAT, top_p: -1 }, /from 0 to 1/, 'top_p'],
  ['chat/completions', { ...CHAT, presence_penalty: 3 }, /from -2 to 2/, 'presence_penalty'],
  ['chat/completions', { ...CHAT, seed: 1.5 }, /an integer/, 'seed'],
  ['chat/completions', { ...CHAT, logit_bias: [] }, /an object/, 'logit_bias'],
  ['chat/completions', { ...CHAT, user: 7 }, /a string/, 'user'],
  ['chat/completions', { ...CHAT, modalities: ['text', 'audio'] }, /'text'/, 'modalities'],
  ['chat/completions', { ...CHAT, audio: { voice: 'a' } }, /'audio' is not played by this mock/, 'audio'],
  ['chat/completions', { ...CHAT, max_tokens: 5, max_completion_tokens: 5 }, /at the same time/, 'max_tokens'],
  ['chat/completions', { ...CHAT, parallel_tool_calls: true }, /only together with 'tools'/, 'parallel_tool_calls'],
  ['chat/completions', { ...CHAT, tools: [] }, /at least one tool/, 'tools'],
  ['chat/completions', { ...CHAT, tools: [], tool_choice: 'required' }, /at least one tool/, 'tools'],
  ['chat/completions', { ...CHAT, messages: [{ role: 'king', content: 'hi' }] }, /and not "king"/, 'messages[0].role'],
  [
    'chat/completions',
    { ...CHAT, messages: [user, { content: 'hi' }, result('a')] },
    /and not null/,
    'messages[1].role',
  ],
  ['chat/completions', { ...CHAT, messages: ['hi'] }, /expected a message/, 'messages[0]'],
  ['chat/completions', { ...CHAT, messages: [user, result('a')] }, /"a" answers none/, 'messages[1]'],
  ['chat/completions', { ...CHAT, messages: [user, called('a'), result('b')] }, /"b" answers none/, 'messages[2]'],
  ['chat/completions', { ...CHAT, messages: [user, called('a'), user] }, /Not answered: a/, 'messages[2]'],
  ['chat/completions', { ...CHAT, messages: [user, called('a')] }, /Not answered: a/, 'messages'],
  ['completions', { ...COMPLETION, suffix: 'x' }, /'suffix' is not played/, 'suffix'],
  ['completions', { ...COMPLETION, messages: [] }, /Unknown parameter: 'messages'/, 'messages'],
  ['completions', { ...COMPLETION, logprobs: 6 }, /from 0 to 5/, 'logprobs'],
  ['completions', { ...COMPLETION, prompt: [1, 2], echo: true }, /prompts that are texts/, 'echo'],
  [
    'embeddings',
    { model: 'bench-embed', input: 'a', temperature: 1 },
    /Unknown parameter: 'temperature'/,
    'temperature',
  ],
  ['responses', { ...RESPONSE, max_tokens: 5 }, /Unknown parameter: 'max_tokens'/, 'max_tokens'],
  ['responses', { ...RESPONSE, previous_response_id: 'r' }, /'r' not found.*--store N/, 'previous_response_id'],
  ['responses', { ...RESPONSE, background: true }, /plays nothing else/, 'background'],
  ['responses', { ...RESPONSE, conversation: 'c' }, /'conversation' is not played/, 'conversation'],
  ['responses', { ...RESPONSE, include: ['web_search_call.results'] }, /reasoning\.encrypted_content/, 'include'],
  ['responses', { ...RESPONSE, tools: [], tool_choice: 'required' }, /only together with 'tools'/, 'tool_choice'],
  [
    'responses',
    { ...RESPONSE, tools: [{ type: 'web_search' }] },
    /Hosted tool 'web_search' is not supported with bench-chat.*--lenient/,
    'tools',
  ],
  [
    'responses',
    { ...RESPONSE, tools: [flatTool, { type: 'web_search_preview_2025_03_11' }] },
    /Hosted tool 'web_search_preview_2025_03_11'/,
    'tools',
  ],
  ['responses', { ...RESPONSE, tools: [{ type: 'mcp', server_label: 's' }] }, /Hosted tool 'mcp'/, 'tools'],
  ['responses', { ...RESPONSE, tools: [{ type: 'fucntion' }] }, /expected 'function' or 'custom'/, 'tools[0].type'],
  [
    'responses',
    { ...RESPONSE, tools: [flatTool], tool_choice: { type: 'file_search' } },
    /a tool that is in 'tools'/,
    'tool_choice',
  ],
  [
    'responses',
    {
      ...RESPONSE,
      tools: [flatTool],
      tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'mcp', server_label: 's' }] },
    },
    /a tool that is in 'tools'/,
    'tool_choice',
  ],
  ['responses', { ...RESPONSE, input: [{ role: 'king', content: 'hi' }] }, /and not "king"/, 'input[0].role'],
  [
    'responses',
    { ...RESPONSE, input: [{ type: 'function_call_output', call_id: 'a', output: '' }] },
    /No tool call found for function call output with call_id a/,
    'input',
  ],
  ['messages', { ...MESSAGE, n: 2 }, /n: Extra inputs are not permitted/],
  ['messages', { ...MESSAGE, temperature: 1.5 }, /temperature: Input should be a number from 0 to 1/],
  ['messages', { ...MESSAGE, top_k: -1 }, /top_k: Input should be an integer of 0 or more/],
  ['messages', { ...MESSAGE, tool_choice: { type: 'any' } }, /only be specified while providing tools/],
  ['messages', { ...MESSAGE, thinking: thinking(1000) }, /greater than or equal to 1024/],
  ['messages', { ...MESSAGE, thinking: thinking(2000) }, /must be greater than `thinking.budget_tokens`/],
  ['messages', { ...MESSAGE, thinking: thinking('much') }, /budget_tokens: Input should be a valid integer/],
  ['messages', { ...MESSAGE, thinking: { type: 'deep' } }, /thinking\.type: Input should be one of enabled/],
  ['messages', { ...MESSAGE, thinking: { type: 'adaptive', display: 'all' } }, /thinking\.display/],
  ['messages', { ...MESSAGE, tools: [{ type: 'web_search_20260318', name: 'web_search' }] }, /not played by this mock/],
  [
    'messages',
    { ...MESSAGE, messages: [{ role: 'tool', content: 'hi' }] },
    /messages\.0\.role: Input should be one of/,
  ],
  ['messages', { ...MESSAGE, messages: [user, gives('a')] }, /messages\.1\.content: unexpected `tool_use_id`.*: a/],
  ['messages', { ...MESSAGE, messages: [user, uses('a'), user] }, /messages\.2: `tool_use` ids without.*: a/],
  ['messages/count_tokens', { model: 'bench-chat', messages: [user], max_tokens: 1 }, /max_tokens: Extra inputs/],
];

/** What it takes. */
const TAKEN: readonly (readonly [path: string, body: object])[] = [
  ['chat/completions', { ...CHAT, temperature: 0, top_p: 1, seed: 7, user: 'me', metadata: {}, store: false, n: null }],
  ['chat/completions', { ...CHAT, messages: [user, called('a'), result('a'), user] }],
  ['chat/completions', { ...CHAT, tools: [tool], parallel_tool_calls: true }],
  ['chat/completions', { ...CHAT, messages: [{ role: 'developer', content: '"role": "king", \\"tool' }, user] }],
  ['completions', { ...COMPLETION, best_of: 1, logit_bias: {} }],
  ['responses', { ...RESPONSE, parallel_tool_calls: true, tools: [], include: [] }],
  [
    'responses',
    {
      ...RESPONSE,
      tools: [flatTool],
      tool_choice: { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'f' }] },
    },
  ],
  [
    'messages',
    { ...MESSAGE, messages: [user, uses('a'), gives('a'), uses('b'), gives('b')], temperature: 1, top_k: 5 },
  ],
  ['messages', { ...MESSAGE, thinking: thinking(1024) }],
];

let server: InProcess;
let lenient: InProcess;
before(async () => {
  [server, lenient] = await Promise.all([startFast(), startFast(['--lenient'])]);
});
after(() => {
  server.stop();
  lenient.stop();
});

function ask({ port }: InProcess, path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return post(`http://127.0.0.1:${port}`, `/v1/${path}`, body, { 'anthropic-version': '2023-06-01', ...headers });
}

/** What only the way in which the request is read can refuse, so that a lenient mock refuses it too. */
const NEVER_TAKEN = /from 0 to 5|texts|expected a message|prompts/;

describe('what a provider refuses', () => {
  for (const [path, body, names, param] of REFUSED) {
    it(`${path} ${JSON.stringify(body).slice(0, 140)}`, async () => {
      const response = await ask(server, path, body);
      const { error } = (await response.json()) as { error: { message: string; param?: string | null } };
      assert.equal(response.status, 400);
      assert.match(error.message, names);
      if (param !== undefined) assert.equal(error.param, param);
      // A gateway takes these words for another kind of error.
      assert.doesNotMatch(error.message, /rate.?limit|quota|overloaded|context.?length|content.?policy|billing/i);
      if (!NEVER_TAKEN.test(names.source)) assert.equal((await ask(lenient, path, body)).status, 200);
      assert.equal((await ask(lenient, path, body, { 'x-bench': 'strict=yes' })).status, 400);
    });
  }

  for (const [path, body] of TAKEN) {
    it(`but not ${path} ${JSON.stringify(body).slice(0, 140)}`, async () => {
      const response = await ask(server, path, body);
      assert.equal(response.status, 200, await response.text());
    });
  }

  it('is refused also behind a request alike but for that, whose answer is kept', async () => {
    for (const [path, body] of [
      ['chat/completions', CHAT],
      ['messages', MESSAGE],
    ] as const) {
      assert.equal((await ask(server, path, body)).status, 200);
      assert.equal((await ask(server, path, { ...body, nonsense: 1 })).status, 400);
      assert.equal((await ask(server, path, body)).status, 200);
    }
  });
});

describe('models', () => {
  const names = async (started: InProcess) => {
    const response = await fetch(`http://127.0.0.1:${started.port}/v1/models`);
    return ((await response.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
  };

  it('are those that the mock is told to have, beside its own', async (t) => {
    const more = await startFast(['--model', 'gpt-4o-mini', '--model', 'a/b']);
    t.after(() => more.stop());
    assert.deepEqual(await names(more), ['bench-chat', 'bench-embed', 'gpt-4o-mini', 'a/b']);
    const answer = (await (await ask(more, 'chat/completions', { ...CHAT, model: 'gpt-4o-mini' })).json()) as object;
    assert.equal('model' in answer && answer.model, 'gpt-4o-mini');
    const one = await fetch(`http://127.0.0.1:${more.port}/v1/models/a/b`);
    assert.equal(((await one.json()) as { id: string }).id, 'a/b');
    assert.equal((await ask(more, 'messages', { ...MESSAGE, model: 'a/b' })).status, 200);
    assert.equal((await ask(more, 'chat/completions', { ...CHAT, model: 'gpt-5' })).status, 404);
  });

  it('are any at all when told so', async (t) => {
    const any = await startFast(['--any-model']);
    t.after(() => any.stop());
    for (const [path, body] of [
      ['chat/completions', CHAT],
      ['completions', COMPLETION],
      ['responses', RESPONSE],
      ['messages', MESSAGE],
      ['embeddings', { input: 'hi' }],
    ] as const) {
      const answer = (await (await ask(any, path, { ...body, model: 'x-1' })).json()) as { model: string };
      assert.equal(answer.model, 'x-1', path);
    }
    assert.equal((await fetch(`http://127.0.0.1:${any.port}/v1/models/x-2`)).status, 200);
  });

  it('that it does not have are a 404 that names what it has and both options', async () => {
    for (const path of ['chat/completions', 'messages']) {
      const response = await ask(server, path, { ...MESSAGE, model: 'gpt-5' }, { 'x-bench': 'strict=no' });
      const { error } = (await response.json()) as { error: { message: string } };
      assert.equal(response.status, 404);
      assert.match(error.message, /gpt-5.*bench-chat, bench-embed.*--model NAME.*--any-model/);
    }
  });
});
