// What the official client of OpenAI for TypeScript says of requests that the provider refuses, and of a provider that fails.
import { gzipSync } from 'node:zlib';
import { check, failureOf } from './check.mjs';
import { ASK, AzureOpenAI, clientOf, HELLO, marked, MODEL, OpenAI, row } from './openai.mjs';

const CALLED = { role: 'tool', tool_call_id: 'call_never', content: 'sunny' };
/** What is wrong, the members that make it so, and the parameter that the provider names. */
const REFUSED = [
  { name: 'a temperature that is no number', members: { temperature: 'hot' }, param: /temperature/ },
  { name: 'a temperature out of range', members: { temperature: 3 }, param: /temperature/ },
  { name: 'two limits of the length', members: { max_tokens: 5, max_completion_tokens: 5 }, param: /max_tokens/ },
  { name: 'a call required of no tools', members: { tools: [], tool_choice: 'required' }, param: /tool/ },
  { name: 'parallel calls of no tools', members: { parallel_tool_calls: true }, param: /parallel_tool_calls/ },
  { name: 'a result that answers no call', members: { messages: [...HELLO, CALLED] }, param: /messages/ },
  { name: 'a role that there is not', members: { messages: [{ role: 'robot', content: 'Hello' }] }, param: /messages/ },
  { name: 'a member that there is not', members: { temprature: 1 }, param: /temprature/ },
  { name: 'no messages', members: { messages: [] }, param: /messages/ },
];

export const refusalRows = [
  ...REFUSED.map(({ name, members, param }) =>
    row(`refused: ${name}`, async (client) => {
      const error = await failureOf(client.chat.completions.create({ ...ASK, ...members }));
      check(error instanceof OpenAI.BadRequestError && param.test(error.param ?? ''), `${error} (${error.param})`);
      return `${error.message} (param ${error.param})`;
    }),
  ),
  row('another model is a 404 that says what to do', async (client) => {
    const error = await failureOf(client.chat.completions.create({ ...ASK, model: 'gpt-4o-mini' }));
    check(error instanceof OpenAI.NotFoundError && /--model NAME or --any-model/.test(error.message), String(error));
    return error.message;
  }),
  row('a prompt that is too long is told as such', async (client) => {
    const error = await failureOf(client.chat.completions.create(marked('fault=context-length')));
    check(error.code === 'context_length_exceeded', String(error));
    return `${error.code}: ${error.message}`;
  }),
  row('a stream that fails half way throws', async (client) => {
    const error = await failureOf(streamed(client, marked('fault=error-frame:3 tokens=9')));
    check(error instanceof OpenAI.APIError && error.pieces > 0, String(error));
    return `behind ${error.pieces} pieces: ${error.message}`;
  }),
  row('a stream of Responses that fails half way says so', async (client) => {
    const stream = await client.responses.create({
      model: MODEL,
      input: 'Hello [[bench fault=error-frame tokens=9]]',
      stream: true,
    });
    let last;
    for await (const event of stream) last = event;
    check(last.type === 'response.failed', last.type);
    return `${last.type}: ${last.response.error.message}`;
  }),
  row('a stream of Responses that is cut off by length or filter says so', async (client) => {
    const reasons = [];
    for (const fault of ['incomplete', 'content-filter']) {
      const input = `Hello [[bench fault=${fault} tokens=9]]`;
      for await (const event of await client.responses.create({ model: MODEL, input, stream: true })) {
        if (event.type === 'response.incomplete') reasons.push(event.response.incomplete_details.reason);
      }
    }
    check(reasons.join() === 'max_output_tokens,content_filter', reasons.join());
    return reasons.join(', ');
  }),
  row('a refusal is one', async (client) => {
    const { choices } = await client.chat.completions.create(marked('fault=refusal'));
    check(choices[0].message.refusal !== null && choices[0].message.content === null, JSON.stringify(choices[0]));
    return choices[0].message.refusal;
  }),
  row("a proxy's page instead of an answer", async (client) => {
    const error = await failureOf(client.chat.completions.create(marked('fault=html')));
    check(error instanceof OpenAI.InternalServerError && error.status === 502, String(error));
    return `${error.constructor.name} ${error.status}`;
  }),
  row('a 429 says that nothing is left and when it is', async (client) => {
    const error = await failureOf(client.chat.completions.create(marked('fault=rate-limit:7')));
    const left = error.headers.get('x-ratelimit-remaining-requests');
    const after = error.headers.get('retry-after');
    const reset = error.headers.get('x-ratelimit-reset-requests');
    check(error instanceof OpenAI.RateLimitError && left === '0' && after === '7', `${error}: ${left}, ${after}`);
    return `${error.message}: ${left} left, again after ${after} s (reset ${reset})`;
  }),
  row('a retry gets another id', async (_client, url) => {
    const client = clientOf(url, { maxRetries: 2 });
    const one = await client.chat.completions.create(marked('error-rate=0.7')).withResponse();
    const other = await client.chat.completions.create(marked('error-rate=0.7')).withResponse();
    check(one.data.id !== other.data.id && one.request_id !== other.request_id, one.data.id);
    return `${one.request_id}, ${other.request_id}`;
  }),
  row('a body that is packed is read', async (_client, url) => {
    const fetchPacked = (target, init) =>
      fetch(target, {
        ...init,
        body: gzipSync(init.body),
        headers: { ...Object.fromEntries(new Headers(init.headers)), 'content-encoding': 'gzip' },
      });
    const { choices } = await clientOf(url, { fetch: fetchPacked }).chat.completions.create(ASK);
    return choices[0].message.content;
  }),
  row("Azure's client finds its deployment", async (_client, url) => {
    const client = new AzureOpenAI({ endpoint: url, apiKey: 'any', apiVersion: '2024-10-21', deployment: MODEL });
    const { model, choices } = await client.chat.completions.create(ASK);
    check(model === MODEL, model);
    return `${model}: ${choices[0].message.content}`;
  }),
  row('what is not played is named', async (client) => {
    const asks = {
      audio: () => client.audio.speech.create({ model: MODEL, input: 'Hello', voice: 'alloy' }),
      images: () => client.images.generate({ model: MODEL, prompt: 'A bench' }),
      files: () => client.files.list(),
      batches: () => client.batches.list(),
      conversations: () => client.conversations.create({}),
    };
    for (const [name, ask] of Object.entries(asks)) {
      const error = await failureOf(ask());
      check(error instanceof OpenAI.NotFoundError && error.message.includes(name), `${name}: ${error}`);
    }
    return Object.keys(asks).join(', ');
  }),
];

/** Reads a stream of chat to its end; what it throws says how many pieces came before. */
async function streamed(client, ask) {
  let pieces = 0;
  try {
    for await (const _chunk of await client.chat.completions.create({ ...ask, stream: true })) pieces++;
  } catch (error) {
    throw Object.assign(error, { pieces });
  }
  return pieces;
}
