// What the official client of OpenAI for TypeScript says of the shapes of the mock's answers, and of answers by a schema.
import { check, failureOf } from './check.mjs';
import { ASK, marked, MODEL, row, TOOLS } from './openai.mjs';

const NODE = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 12 },
    next: { anyOf: [{ $ref: '#/$defs/Node' }, { type: 'null' }] },
  },
  required: ['name', 'next'],
  additionalProperties: false,
};
const SCHEMA = {
  type: 'object',
  $defs: { Node: NODE },
  properties: {
    head: { $ref: '#/$defs/Node' },
    sent: { type: 'string', format: 'date-time' },
    tags: { type: 'array', minItems: 2, items: { enum: ['a', 'b'] } },
  },
  required: ['head', 'sent', 'tags'],
  additionalProperties: false,
};

export const shapeRows = [
  row('a stream ends with the reason and the usage', async (client) => {
    const stream = client.chat.completions.stream({ ...ASK, max_tokens: 3, stream_options: { include_usage: true } });
    const { choices, usage } = await stream.finalChatCompletion();
    check(choices[0].finish_reason === 'length' && usage.completion_tokens === 3, JSON.stringify(choices[0]));
    return `${choices[0].message.content}: ${choices[0].finish_reason}, ${usage.completion_tokens} tokens`;
  }),
  row('a stream of calls is put together', async (client) => {
    const stream = client.chat.completions.stream({ ...ASK, tools: TOOLS, tool_choice: 'required' });
    const { choices } = await stream.finalChatCompletion();
    const [call] = choices[0].message.tool_calls;
    check(
      choices[0].finish_reason === 'tool_calls' && JSON.parse(call.function.arguments).city !== undefined,
      call.function.arguments,
    );
    return `${call.function.name}(${call.function.arguments})`;
  }),
  row('several calls where they are allowed, one where not', async (client) => {
    const ask = { ...marked('calls=2'), tools: TOOLS };
    const counts = [];
    for (const parallel_tool_calls of [true, false]) {
      const { choices } = await client.chat.completions.create({ ...ask, parallel_tool_calls });
      counts.push(choices[0].message.tool_calls.length);
    }
    check(counts.join() === '2,1', counts.join());
    return counts.join(', ');
  }),
  row('an answer by a schema with references is parsed', async (client) => {
    const response_format = { type: 'json_schema', json_schema: { name: 'list', strict: true, schema: SCHEMA } };
    const { choices } = await client.chat.completions.parse({ ...ASK, response_format });
    const { head, sent, tags } = JSON.parse(choices[0].message.content);
    check(head.name.length >= 12 && !Number.isNaN(Date.parse(sent)) && tags.length >= 2, choices[0].message.content);
    return choices[0].message.content;
  }),
  row('one of Responses too', async (client) => {
    const format = { type: 'json_schema', name: 'list', strict: true, schema: SCHEMA };
    const { output_text: text } = await client.responses.parse({ model: MODEL, input: 'Hello', text: { format } });
    check(JSON.parse(text).tags.length >= 2, text);
    return text;
  }),
  row('log probabilities of each token', async (client) => {
    const { choices } = await client.chat.completions.create({
      ...ASK,
      max_tokens: 3,
      logprobs: true,
      top_logprobs: 2,
    });
    check(choices[0].logprobs.content.length === 3, JSON.stringify(choices[0].logprobs));
    return choices[0].logprobs.content.map(({ token }) => JSON.stringify(token)).join(', ');
  }),
  row('a legacy completion echoes and gives log probabilities', async (client) => {
    const { choices } = await client.completions.create({
      model: MODEL,
      prompt: 'Once',
      max_tokens: 2,
      echo: true,
      logprobs: 1,
    });
    check(choices[0].text.startsWith('Once') && choices[0].logprobs !== null, JSON.stringify(choices[0]));
    return choices[0].text;
  }),
  row('the older functions are called', async (client) => {
    const functions = [{ name: 'search', parameters: { type: 'object', properties: {} } }];
    const { choices } = await client.chat.completions.create({ ...ASK, functions });
    check(choices[0].finish_reason === 'function_call', choices[0].finish_reason);
    return `${choices[0].message.function_call.name}: ${choices[0].finish_reason}`;
  }),
  row('reasoning comes encrypted where it is asked for', async (client) => {
    const ask = {
      model: MODEL,
      input: 'Hello',
      reasoning: { effort: 'low' },
      include: ['reasoning.encrypted_content'],
    };
    const { output } = await client.responses.create(ask);
    check(output[0].type === 'reasoning' && output[0].encrypted_content.length > 0, JSON.stringify(output[0]));
    return `${output[0].type}, ${output[0].encrypted_content.length} characters`;
  }),
  row('embeddings of the official client, which asks for base64', async (client) => {
    const { data } = await client.embeddings.create({ model: 'bench-embed', input: ['a', 'b'], dimensions: 8 });
    check(data.length === 2 && data[0].embedding.length === 8, JSON.stringify(data[0]));
    return `${data.length} vectors of ${data[0].embedding.length}`;
  }),
  row('an image counts by its size and not by its bytes', async (client) => {
    const url = `data:image/png;base64,${pngOf(1024, 1024, 300_000)}`;
    const content = [{ type: 'image_url', image_url: { url } }];
    const { usage } = await client.chat.completions.create({ ...ASK, messages: [{ role: 'user', content }] });
    check(usage.prompt_tokens < 2000, usage.prompt_tokens);
    return `${usage.prompt_tokens} tokens for ${Math.round(url.length / 1000)} kB`;
  }),
  row('the input is counted before it is sent', async (client) => {
    const { input_tokens: before } = await client.responses.inputTokens.count({ model: MODEL, input: 'Hello' });
    const { usage } = await client.responses.create({ model: MODEL, input: 'Hello' });
    check(before === usage.input_tokens, `${before}, then ${usage.input_tokens}`);
    return `${before} tokens`;
  }),
  row('moderation finds nothing', async (client) => {
    const { results } = await client.moderations.create({ input: 'Hello' });
    check(results[0].flagged === false, JSON.stringify(results[0]));
    return `flagged ${results[0].flagged}`;
  }),
  row('models are listed and found', async (client) => {
    const ids = (await client.models.list()).data.map(({ id }) => id);
    const one = await client.models.retrieve(ids[0]);
    check(one.id === ids[0], one.id);
    return ids.join(', ');
  }),
  row('a response that was not kept is not found', async (client) => {
    const { id } = await client.responses.create({ model: MODEL, input: 'Hello' });
    const error = await failureOf(client.responses.retrieve(id));
    check(error.status === 404 && error.message.includes(id), String(error));
    return error.message;
  }),
];

/** A PNG as far as its head: so wide, so high, and so many bytes behind it. */
function pngOf(width, height, bytes) {
  const head = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
  const size = Buffer.alloc(8);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  return Buffer.concat([head, size, Buffer.alloc(bytes)]).toString('base64');
}
