import type { Scenario } from './scenario.js';
import { sourceText } from './source-text.js';

/** Short chats of others without a neighbour, twice in each visit: what differs between the two is noise. */
const WITHOUT = ['neighbour-none', 'neighbour-none-again'];
/** The part that is watched. */
const CHATS = 'chats';

/** A context of some 100 000 tokens, ten a second: 4 MB/s. */
const CONTEXT = { bytes: 400_000, perSecond: 10 };
/** Streams of a second each; thirty a second are thirty open at once, and 3000 frames a second. */
const STREAM = { tokens: 100, gapMs: 10, perSecond: 30 };
/** What an attestation looks at is asked for a few times over. */
const STREAMS_ASKED = 3;

const CHAT = {
  path: '/v1/chat/completions',
  streaming: false,
  answer: 'chat',
  expectedErrorShare: 0,
  behaviour: '',
} as const;

const SHORT: Scenario = {
  ...CHAT,
  name: CHATS,
  about: 'one short message, plain answer',
  request: (model, text) => ({ model, messages: [{ role: 'user', content: text }] }),
};

const LARGE: Scenario = {
  ...CHAT,
  name: 'contexts',
  about: `${CONTEXT.bytes / 1000} kB of context, plain answer`,
  request: (model, text) => ({
    model,
    messages: [
      { role: 'system', content: sourceText(CONTEXT.bytes, 11) },
      { role: 'user', content: text },
    ],
  }),
};

const LONG: Scenario = {
  ...CHAT,
  name: 'streams',
  about: `${STREAM.tokens} tokens, ${STREAM.gapMs} ms apart`,
  streaming: true,
  behaviour: `gap=${STREAM.gapMs}`,
  request: (model, text) => ({
    model,
    stream: true,
    max_tokens: STREAM.tokens,
    messages: [{ role: 'user', content: text }],
  }),
};

const STREAM_MS = STREAM.tokens * STREAM.gapMs;

/** Short chats at the level, by themselves and beside one neighbour, who comes at random at a rate of his own. */
export const NEIGHBOUR_SCENARIOS: readonly Scenario[] = [
  ...WITHOUT.map((name) => ({ ...SHORT, name, about: 'short chats without a neighbour' })),
  {
    ...beside(LARGE, CONTEXT.perSecond),
    about: `short chats beside ${CONTEXT.perSecond} contexts of ${CONTEXT.bytes / 1000} kB a second`,
  },
  {
    ...beside(LONG, STREAM.perSecond),
    about: `short chats beside ${(STREAM.perSecond * STREAM_MS) / 1000} open streams of ${STREAM.tokens} tokens, ${STREAM.gapMs} ms apart`,
    streaming: true,
    heldMs: STREAM_MS,
    checkMs: STREAMS_ASKED * STREAM_MS,
  },
];

function beside(neighbour: Scenario, perSecond: number): Scenario {
  return {
    ...SHORT,
    name: `neighbour-${neighbour.name}`,
    against: { part: CHATS, scenarios: WITHOUT },
    blend: { kinds: [SHORT, neighbour], draw: { rates: [null, perSecond] } },
  };
}
