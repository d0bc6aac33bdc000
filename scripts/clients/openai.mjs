// What the official client of OpenAI for TypeScript says of the mock.
import { createRequire } from 'node:module';
import { check } from './check.mjs';

export const { default: OpenAI, AzureOpenAI } = createRequire(new URL('../../mock/package.json', import.meta.url))(
  'openai',
);

export const MODEL = 'bench-chat';
export const HELLO = [{ role: 'user', content: 'Hello' }];
export const ASK = { model: MODEL, messages: HELLO };
export const TOOLS = ['search', 'read', 'finish'].map((name) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
}));
export const clientOf = (url, options = {}) =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any', maxRetries: 0, ...options });
export const row = (name, ask) => ({ client: 'openai (TypeScript)', row: name, ask: (url) => ask(clientOf(url), url) });

/** The request of chat with a marker for the mock. */
export function marked(words) {
  return { ...ASK, messages: [{ role: 'user', content: `Hello [[bench ${words}]]` }] };
}

export const openAiRows = [
  row('ids differ from answer to answer', async (client) => {
    const ids = new Set();
    for (let i = 0; i < 5; i++) ids.add((await client.chat.completions.create({ model: MODEL, messages: HELLO })).id);
    check(ids.size === 5, `${ids.size} ids in 5 answers`);
    return [...ids][0];
  }),
  row('items of Responses can be sent back', async (client) => {
    let input = [...HELLO];
    const seen = [];
    for (let turn = 0; turn < 3; turn++) {
      const { output } = await client.responses.create({ model: MODEL, input });
      seen.push(...output.map(({ id }) => id));
      input = [...input, ...output, ...HELLO];
    }
    check(new Set(seen).size === seen.length, `duplicate item among ${seen.join(', ')}`);
    return `${seen.length} items, no duplicate`;
  }),
  row('an agent that must call a tool gets through all of them', async (client) => {
    const messages = [...HELLO];
    const called = [];
    for (let turn = 0; turn < 4; turn++) {
      const { choices } = await client.chat.completions.create({
        model: MODEL,
        messages,
        tools: TOOLS,
        tool_choice: 'required',
      });
      const { message, finish_reason: reason } = choices[0];
      check(reason === 'tool_calls', `finish_reason ${reason}`);
      called.push(message.tool_calls[0].function.name);
      messages.push(message, { role: 'tool', tool_call_id: message.tool_calls[0].id, content: 'sunny' });
    }
    check(called.join() === 'search,read,finish,finish', called.join());
    return called.join(', ');
  }),
  row('a call of a named function ends with stop', async (client) => {
    const tool_choice = { type: 'function', function: { name: 'read' } };
    const { choices } = await client.chat.completions.create({
      model: MODEL,
      messages: HELLO,
      tools: TOOLS,
      tool_choice,
    });
    check(choices[0].finish_reason === 'stop', choices[0].finish_reason);
    return choices[0].finish_reason;
  }),
  row('what the answer is can be asked for', async (client) => {
    const messages = [{ role: 'user', content: 'Hello [[bench say=Good%20day finish=content_filter]]' }];
    const { choices } = await client.chat.completions.create({ model: MODEL, messages });
    const { message, finish_reason: reason } = choices[0];
    check(message.content === 'Good day' && reason === 'content_filter', `${message.content}, ${reason}`);
    return `${message.content}, ${reason}`;
  }),
  row('text is as a tokenizer cuts it', async (client) => {
    const { choices, usage } = await client.chat.completions.create({ model: MODEL, messages: HELLO, max_tokens: 4 });
    check(choices[0].message.content === 'word word word word', choices[0].message.content);
    return `${choices[0].message.content}: ${usage.completion_tokens} tokens, prompt ${usage.prompt_tokens}`;
  }),
];
