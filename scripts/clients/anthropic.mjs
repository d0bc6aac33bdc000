// What the official client of Anthropic for TypeScript says of the mock.
import { createRequire } from 'node:module';
import { check } from './check.mjs';

const { default: Anthropic } = createRequire(new URL('../../mock/package.json', import.meta.url))('@anthropic-ai/sdk');

const ASK = { model: 'bench-chat', max_tokens: 2000, messages: [{ role: 'user', content: 'Hello' }] };
const TOOLS = ['search', 'finish'].map((name) => ({
  name,
  input_schema: { type: 'object', properties: { city: { type: 'string' } } },
}));
const clientOf = (url) => new Anthropic({ baseURL: url, apiKey: 'any', maxRetries: 0 });
const row = (name, ask) => ({ client: 'anthropic (TypeScript)', row: name, ask: (url) => ask(clientOf(url)) });

export const anthropicRows = [
  row('ids differ from answer to answer', async (client) => {
    const [one, other] = [await client.messages.create(ASK), await client.messages.create(ASK)];
    check(one.id !== other.id, one.id);
    return `${one.id}, ${other.id}`;
  }),
  row('an agent that must call a tool gets through all of them', async (client) => {
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
  row('a thinking budget below 1024 is refused', async (client) => {
    const thinking = { type: 'enabled', budget_tokens: 1000 };
    const error = await client.messages.create({ ...ASK, thinking }).catch((e) => e);
    check(error instanceof Anthropic.BadRequestError && /1024/.test(error.message), String(error));
    return error.message;
  }),
  row('tool_choice any without tools is refused', async (client) => {
    const error = await client.messages.create({ ...ASK, tool_choice: { type: 'any' } }).catch((e) => e);
    check(error instanceof Anthropic.BadRequestError, String(error));
    return error.message;
  }),
];
