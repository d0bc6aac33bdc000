// What the official client of Anthropic for TypeScript says of the mock.
import { createRequire } from 'node:module';
import { check, failureOf } from './check.mjs';

const { default: Anthropic } = createRequire(new URL('../../mock/package.json', import.meta.url))('@anthropic-ai/sdk');

const ASK = { model: 'bench-chat', max_tokens: 2000, messages: [{ role: 'user', content: 'Hello' }] };
const RESULT = { type: 'tool_result', tool_use_id: 'toolu_never', content: 'sunny' };
const TOOLS = ['search', 'finish'].map((name) => ({
  name,
  input_schema: { type: 'object', properties: { city: { type: 'string' } } },
}));
/** What is wrong, the members that make it so, and what the provider's words name. */
const REFUSED = [
  {
    name: 'a thinking budget below 1024',
    members: { thinking: { type: 'enabled', budget_tokens: 1000 } },
    words: /1024/,
  },
  {
    name: 'one as large as max_tokens',
    members: { thinking: { type: 'enabled', budget_tokens: 2000 } },
    words: /max_tokens/,
  },
  { name: 'a call required of no tools', members: { tool_choice: { type: 'any' } }, words: /tool_choice/ },
  { name: 'a role that there is not', members: { messages: [{ role: 'robot', content: 'Hello' }] }, words: /role/ },
  { name: 'a member that there is not', members: { frequency_penalty: 1 }, words: /frequency_penalty/ },
  { name: 'a temperature out of range', members: { temperature: 1.5 }, words: /temperature/ },
  {
    name: 'a result that answers no call',
    members: { messages: [{ role: 'user', content: [RESULT] }] },
    words: /tool_use/,
  },
];
const clientOf = (url) => new Anthropic({ baseURL: url, apiKey: 'any', maxRetries: 0 });
const row = (name, ask) => ({ client: 'anthropic (TypeScript)', row: name, ask: (url) => ask(clientOf(url)) });

/** The request with a marker for the mock. */
const marked = (words) => ({ ...ASK, messages: [{ role: 'user', content: `Hello [[bench ${words}]]` }] });

export const anthropicRows = [
  row('ids differ from answer to answer', async (client) => {
    const [one, other] = [await client.messages.create(ASK), await client.messages.create(ASK)];
    check(one.id !== other.id, one.id);
    return `${one.id}, ${other.id}`;
  }),
  row('an agent that must call a tool gets through all of them', async (client) => {
    /** @type {any[]} */
    const messages = [...ASK.messages];
    const called = [];
    for (let turn = 0; turn < 3; turn++) {
      const { content, stop_reason: reason } = await client.messages.create({
        ...ASK,
        messages,
        tools: TOOLS,
        tool_choice: { type: 'any' },
      });
      check(reason === 'tool_use', reason);
      called.push(content[0].name);
      const result = { type: 'tool_result', tool_use_id: content[0].id, content: 'sunny' };
      messages.push({ role: 'assistant', content }, { role: 'user', content: [result] });
    }
    check(called.join() === 'search,finish,finish', called.join());
    return called.join(', ');
  }),
  row('no citations where none were asked for', async (client) => {
    const [block] = (await client.messages.create(ASK)).content;
    check(!('citations' in block), JSON.stringify(block));
    return JSON.stringify(block);
  }),
  row('a model has the fields of today', async (client) => {
    const { data } = await client.models.list();
    check(data[0].lifecycle === 'active' && data[0].max_tokens > 0, JSON.stringify(data[0]));
    return Object.keys(data[0]).join(', ');
  }),
  row('a stream is put together', async (client) => {
    const message = await client.messages.stream({ ...ASK, max_tokens: 3 }).finalMessage();
    check(message.stop_reason === 'max_tokens' && message.usage.output_tokens === 3, JSON.stringify(message));
    return `${message.content[0].text}: ${message.stop_reason}, ${message.usage.output_tokens} tokens`;
  }),
  row('two calls where they are allowed, one where not', async (client) => {
    const counts = [];
    for (const disable_parallel_tool_use of [false, true]) {
      const tool_choice = { type: 'any', disable_parallel_tool_use };
      const { content } = await client.messages.create({ ...marked('calls=2'), tools: TOOLS, tool_choice });
      counts.push(content.filter(({ type }) => type === 'tool_use').length);
    }
    check(counts.join() === '2,1', counts.join());
    return counts.join(', ');
  }),
  row('thinking that is omitted is signed and empty', async (client) => {
    const thinking = { type: 'enabled', budget_tokens: 1024, display: 'omitted' };
    const [block] = (await client.messages.create({ ...ASK, thinking })).content;
    check(block.type === 'thinking' && block.thinking === '' && block.signature.length > 0, JSON.stringify(block));
    return JSON.stringify(block).slice(0, 80);
  }),
  row("a tool of the provider's that the client runs is called", async (client) => {
    const tools = [{ type: 'bash_20250124', name: 'bash' }];
    const { content } = await client.messages.create({ ...ASK, tools });
    const call = content.find(({ type }) => type === 'tool_use');
    check(call?.name === 'bash' && typeof call.input.command === 'string', JSON.stringify(content));
    return `${call.name}(${JSON.stringify(call.input)})`;
  }),
  row('tokens are counted before they are sent', async (client) => {
    const { model, messages } = ASK;
    const { input_tokens: before } = await client.messages.countTokens({ model, messages });
    const { usage } = await client.messages.create(ASK);
    check(before === usage.input_tokens, `${before}, then ${usage.input_tokens}`);
    return `${before} tokens`;
  }),
  ...REFUSED.map(({ name, members, words }) =>
    row(`refused: ${name}`, async (client) => {
      const error = await failureOf(client.messages.create({ ...ASK, ...members }));
      check(error instanceof Anthropic.BadRequestError && words.test(error.message), String(error));
      return error.message;
    }),
  ),
  row('a stream that is overloaded half way throws', async (client) => {
    const error = await failureOf(client.messages.stream(marked('fault=error-frame tokens=9')).finalMessage());
    check(error instanceof Anthropic.APIError && /overloaded_error/.test(error.message), String(error));
    return error.message;
  }),
  row('an overloaded provider is a 529', async (client) => {
    const error = await failureOf(client.messages.create(marked('status=529')));
    check(error.status === 529 && /overloaded_error/.test(error.message), String(error));
    return error.message;
  }),
  row('a 429 says that nothing is left, and its reset lies ahead', async (client) => {
    const { headers } = await failureOf(client.messages.create(marked('fault=rate-limit:7')));
    const left = headers.get('anthropic-ratelimit-requests-remaining');
    const reset = headers.get('anthropic-ratelimit-requests-reset');
    check(left === '0' && Date.parse(reset) > Date.now(), `${left}, ${reset}`);
    return `${left} left, again at ${reset}`;
  }),
  row("so does every answer's", async (client) => {
    const { response } = await client.messages.create(ASK).withResponse();
    const reset = response.headers.get('anthropic-ratelimit-requests-reset');
    check(Date.parse(reset) >= Date.now(), reset);
    return reset;
  }),
  row('batches are not played, and it says so', async (client) => {
    const error = await failureOf(client.messages.batches.list());
    check(error instanceof Anthropic.NotFoundError && /batches/.test(error.message), String(error));
    return error.message;
  }),
];
