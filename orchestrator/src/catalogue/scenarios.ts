import { type Addressing, modelNameOf } from './addressing.js';
import { agentLoop } from './agent-loop.js';
import type { Level } from '../record/cell.js';
import { BULK_SCENARIOS, FORMAT_SCENARIOS } from './format-scenarios.js';
import { marker } from './marker.js';
import { NEIGHBOUR_SCENARIOS } from './neighbours.js';
import type { Group, Scenario } from './scenario.js';

/** One chunk a token: ten times the stream of `chat-stream`. */
const LONG_STREAM_TOKENS = 200;
const LARGE_CONTEXT_MESSAGES = 50;
const TOOLS = 10;
/** The stream of a slow provider: its chunks of content, and the time between them. */
const SLOW_STREAM = { chunks: 6, gapMs: 500 };

/** Every scenario, in the order in which results are shown. */
export const SCENARIOS: readonly Scenario[] = [
  chat('chat-minimal', 'one short message, plain answer', {}),
  chat('chat-stream', 'one short message, streamed answer', { stream: true }),
  {
    name: 'embeddings',
    about: 'one short text, 1536 floats as JSON numbers',
    path: '/v1/embeddings',
    streaming: false,
    answer: 'embeddings',
    expectedErrorShare: 0,
    behaviour: '',
    // Stated, because clients differ in what they ask for when it is left out, and base64 is a quarter of the size.
    request: (model, text) => ({ model, input: text, encoding_format: 'float' }),
  },
  {
    ...chat('chat-large-context', `${LARGE_CONTEXT_MESSAGES} messages of 400 characters, plain answer`, {}),
    request: (model, text) => ({ model, messages: conversation(text) }),
  },
  chat('chat-long-stream', `streamed answer of ${LONG_STREAM_TOKENS} tokens, one a chunk`, {
    stream: true,
    max_tokens: LONG_STREAM_TOKENS,
  }),
  {
    ...chat('chat-tools', `${TOOLS} tools offered, answered with a tool call`, {
      tools: tools(),
      tool_choice: 'required',
    }),
    answer: 'tools',
  },
  chat('concurrent-streams', 'as many streams open as the level says, each followed by the next', { stream: true }),
  { ...chat('slow-upstream', 'the provider takes 500 ms', {}), behaviour: 'ttft=500', heldMs: 500 },
  {
    ...chat('slow-upstream-stream', `streamed answer of ${SLOW_STREAM.chunks} chunks, ${SLOW_STREAM.gapMs} ms apart`, {
      stream: true,
      max_tokens: SLOW_STREAM.chunks,
    }),
    behaviour: `gap=${SLOW_STREAM.gapMs}`,
    // The opening, the end and the closing frame are apart as well.
    heldMs: (SLOW_STREAM.chunks + 2) * SLOW_STREAM.gapMs,
  },
  {
    ...chat(
      'error-storm',
      'half of the provider’s answers are errors; each attempt is drawn anew, so that a retry can succeed',
      {},
    ),
    behaviour: 'error-rate=0.5',
    expectedErrorShare: 0.5,
  },
  ...FORMAT_SCENARIOS,
  ...BULK_SCENARIOS,
  agentLoop(),
  ...NEIGHBOUR_SCENARIOS,
];

const RPS_OVERHEAD = rps(100, 500, 1000, 2000, 5000);
const RPS_PAYLOAD = rps(100, 500, 1000);

/** The group that takes every feature of every gateway as a variant of it. */
export const FEATURE_GROUP = 'features';

/** The group of sessions. */
const SESSION_GROUP = 'agent-loop';

/** The group of neighbours. */
const NEIGHBOUR_GROUP = 'noisy-neighbour';

/** The groups that only a driver that makes each request by itself can load, and why. */
export const NATIVE_GROUPS: Readonly<Record<string, string>> = {
  [FEATURE_GROUP]: 'in which a cache would answer requests that are all the same',
  [SESSION_GROUP]: 'in which each request of a session waits for the answer to the one before',
  [NEIGHBOUR_GROUP]: 'in which two kinds of requests come by schedules of their own',
};

/** The groups that `--group` knows; `all` is the first three. */
export const GROUPS: readonly Group[] = [
  {
    name: 'overhead',
    about: 'what a gateway costs on small requests',
    scenarios: ['chat-minimal', 'chat-stream', 'embeddings'],
    levels: RPS_OVERHEAD,
  },
  {
    name: 'payload',
    about: 'large and long requests',
    scenarios: ['chat-large-context', 'chat-long-stream', 'chat-tools'],
    levels: RPS_PAYLOAD,
  },
  {
    name: 'concurrent',
    about: 'many streams at once',
    scenarios: ['concurrent-streams'],
    levels: [100, 500, 1000].map((value) => ({ kind: 'streams', value })),
  },
  {
    name: 'slow-upstream',
    about: 'a provider that takes 500 ms, before an answer and between the chunks of a stream',
    scenarios: ['slow-upstream', 'slow-upstream-stream'],
    levels: rps(100, 500),
  },
  {
    name: 'error-storm',
    about: 'a provider that fails half of the time',
    scenarios: ['error-storm'],
    levels: rps(100, 500),
  },
  {
    name: 'formats',
    about: 'Messages, Responses, structured output and streamed tool calls',
    scenarios: FORMAT_SCENARIOS.map(({ name }) => name),
    levels: RPS_PAYLOAD,
  },
  {
    name: 'bulk',
    about: 'a megabyte a request: an image in, a hundred vectors out',
    scenarios: BULK_SCENARIOS.map(({ name }) => name),
    levels: rps(5, 20, 50),
  },
  {
    name: SESSION_GROUP,
    about: 'sessions of coding assistants that grow from 3 to 200 kB, many at once',
    scenarios: ['agent-loop'],
    levels: rps(20, 50),
  },
  {
    name: NEIGHBOUR_GROUP,
    about: 'short chats while a client sends large contexts or opens long streams, against the same without',
    scenarios: NEIGHBOUR_SCENARIOS.map(({ name }) => name),
    levels: rps(100),
  },
  {
    name: FEATURE_GROUP,
    about: 'each gateway with one feature more, against itself',
    scenarios: ['chat-minimal'],
    levels: rps(50, 200),
  },
];

/** The groups behind `--group all`, as the original suite had it. */
export const ALL_GROUPS: readonly string[] = ['overhead', 'payload', 'concurrent'];

/**
 * The compact JSON body of a scenario for a target, with the id's placeholder in its text.
 * @param behaviour further keys of the marker, for example `gap=20 tokens=8`; the scenario's own by default
 */
export function scenarioBody(scenario: Scenario, target: Addressing, behaviour: string = scenario.behaviour): string {
  const model = modelNameOf(target, scenario);
  const wishes = [scenario.always ?? '', behaviour].filter((wish) => wish !== '').join(' ');
  return JSON.stringify(scenario.request(model, `Answer in one short sentence. ${marker(wishes)}`));
}

function chat(name: string, about: string, options: Readonly<Record<string, unknown>>): Scenario {
  return {
    name,
    about,
    path: '/v1/chat/completions',
    streaming: options['stream'] === true,
    answer: 'chat',
    expectedErrorShare: 0,
    behaviour: '',
    request: (model, text) => ({ model, messages: [{ role: 'user', content: text }], ...options }),
  };
}

function conversation(text: string): unknown[] {
  const sentence = 'The quick brown fox jumps over the lazy dog near the quiet river bank. ';
  const filler = sentence.repeat(6).slice(0, 400);
  const turns = Array.from({ length: LARGE_CONTEXT_MESSAGES - 1 }, (_, i) => ({
    role: i % 2 === 0 ? 'user' : 'assistant',
    content: filler,
  }));
  return [...turns, { role: 'user', content: text }];
}

function tools(): unknown[] {
  return Array.from({ length: TOOLS }, (_, i) => ({
    type: 'function',
    function: {
      name: `lookup_${i}`,
      description: `Looks up record ${i} in the catalogue by its key and returns its fields.`,
      parameters: {
        type: 'object',
        properties: {
          key: { type: 'string', description: 'The record’s key' },
          limit: { type: 'integer', minimum: 1, maximum: 100 },
        },
        required: ['key'],
        additionalProperties: false,
      },
    },
  }));
}

function rps(...values: readonly number[]): Level[] {
  return values.map((value) => ({ kind: 'rps', value }));
}
