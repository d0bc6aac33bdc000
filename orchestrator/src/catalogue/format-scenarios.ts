import { noiseImage } from './noise-image.js';
import type { Scenario } from './scenario.js';

/** Of the Messages API that is spoken; each request has to name one. Source: https://docs.anthropic.com/en/api/versioning */
const ANTHROPIC_VERSION = '2023-06-01';
/** Messages asks for a limit. It is far from what is answered, because it is a limit there and in chat the mock takes it for the length. */
const MESSAGES_LIMIT = 1024;
/** An input of embeddings each, as pipelines that fill an index send them. */
const BATCH_INPUTS = 100;
/** A side of the image, in pixels: with 3 bytes a pixel a little more than 1 MiB in base64. */
const IMAGE_SIDE = 512;

/**
 * Lengths of answers are said by marker and not left to the format: a gateway that translates asks in another one, in which the mock
 * would answer at another length.
 */
const PLAIN = { streaming: false, always: 'tokens=6' } as const;
const STREAMED = { streaming: true, always: 'tokens=20' } as const;
const COMMON = { answer: 'chat', expectedErrorShare: 0, behaviour: '' } as const;

const MESSAGES = {
  ...COMMON,
  path: '/v1/messages',
  headers: { 'anthropic-version': ANTHROPIC_VERSION },
} as const;
const RESPONSES = { ...COMMON, path: '/v1/responses' } as const;
const CHAT = { ...COMMON, path: '/v1/chat/completions', streaming: false } as const;

/** The other formats that clients of a gateway speak, and what they ask of chat beyond text. */
export const FORMAT_SCENARIOS: readonly Scenario[] = [
  {
    ...MESSAGES,
    ...PLAIN,
    name: 'messages',
    about: 'Anthropic Messages: one short message, plain answer',
    request: (model, text) => messagesRequest(model, text),
  },
  {
    ...MESSAGES,
    ...STREAMED,
    name: 'messages-stream',
    about: 'Anthropic Messages: one short message, streamed answer of named events',
    request: (model, text) => ({ ...messagesRequest(model, text), stream: true }),
  },
  {
    ...RESPONSES,
    ...PLAIN,
    name: 'responses',
    about: 'OpenAI Responses: one short input, plain answer',
    request: (model, text) => ({ model, input: text, store: false }),
  },
  {
    ...RESPONSES,
    ...STREAMED,
    name: 'responses-stream',
    about: 'OpenAI Responses: one short input, streamed answer of named events',
    request: (model, text) => ({ model, input: text, store: false, stream: true }),
  },
  {
    ...CHAT,
    name: 'chat-structured',
    about: 'an answer that has to follow a JSON Schema',
    request: (model, text) => ({ ...chatRequest(model, text), response_format: responseFormat() }),
  },
  {
    ...CHAT,
    name: 'chat-tools-stream',
    about: 'a tool call whose arguments are streamed in pieces',
    streaming: true,
    answer: 'tools',
    request: (model, text) => ({
      ...chatRequest(model, text),
      stream: true,
      tools: [bookingTool()],
      tool_choice: 'required',
    }),
  },
];

/** Requests or answers of about a megabyte, to be run at rates of their own. */
export const BULK_SCENARIOS: readonly Scenario[] = [
  {
    ...CHAT,
    name: 'chat-vision',
    about: 'an image of 1 MiB as a data URL, plain answer',
    request: (model, text) => ({
      model,
      messages: [
        {
          role: 'user',
          content: [
            // Before the image, so that whoever looks for the marker need not read all of it.
            { type: 'text', text },
            { type: 'image_url', image_url: { url: noiseImage(IMAGE_SIDE) } },
          ],
        },
      ],
    }),
  },
  {
    ...COMMON,
    name: 'embeddings-batch',
    about: `${BATCH_INPUTS} texts, 1536 floats each as base64`,
    path: '/v1/embeddings',
    streaming: false,
    answer: 'embeddings',
    request: (model, text) => ({ model, input: batch(text), encoding_format: 'base64' }),
  },
];

function messagesRequest(model: string, text: string) {
  return { model, max_tokens: MESSAGES_LIMIT, messages: [{ role: 'user', content: text }] };
}

function chatRequest(model: string, text: string) {
  return { model, messages: [{ role: 'user', content: text }] };
}

function batch(text: string): string[] {
  const others = Array.from({ length: BATCH_INPUTS - 1 }, (_, i) => `Passage ${i + 1} of a manual about river banks.`);
  return [text, ...others];
}

/** As strict mode wants it: every property required, none besides. */
function responseFormat(): unknown {
  const line = closedObject({
    article: { type: 'string' },
    quantity: { type: 'integer' },
    price: { type: 'number' },
  });
  const schema = closedObject({
    customer: { type: 'string' },
    express: { type: 'boolean' },
    status: { type: 'string', enum: ['open', 'paid', 'sent'] },
    lines: { type: 'array', items: line },
  });
  return { type: 'json_schema', json_schema: { name: 'order', strict: true, schema } };
}

function bookingTool(): unknown {
  const text = { type: 'string' };
  const parameters = closedObject({
    passenger: text,
    origin: text,
    destination: text,
    departure: text,
    cabin: { type: 'string', enum: ['economy', 'business'] },
    bags: { type: 'integer' },
    note: text,
  });
  return {
    type: 'function',
    function: { name: 'book_journey', description: 'Books a journey for one passenger.', parameters },
  };
}

function closedObject(properties: Readonly<Record<string, unknown>>) {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}
