import type { Scenario } from './scenario.js';
import { SCENARIOS } from './scenarios.js';
import { spanUs, type Trace } from './trace.js';

/** A scenario of a mix, and how often it is sent in proportion to the others. */
export interface WeightedScenario {
  readonly scenario: Scenario;
  readonly weight: number;
}

/** A trace cannot be replayed by this program; the message says why. */
export class TraceTooVaried extends RangeError {}

const MAX_KINDS = 65_536;
/** Every thread that sends has a copy of each request. */
const MAX_REQUEST_BYTES = 256e6;

/** Words of a token each, in the mock's estimate as in the tokenizers of providers. */
const FILLER = 'The quick brown fox jumps over the lazy dog near the quiet river bank'.split(' ');
/** Of a token of the filler, the space before it included, rounded up. */
const BYTES_PER_TOKEN = 5;

/** Requests of several scenarios in one trial, drawn at random by their weights. */
export function mixOf(parts: readonly WeightedScenario[]): Scenario {
  const [first] = parts;
  if (first === undefined) throw new RangeError('a mix of nothing');
  const sum = parts.reduce((total, { weight }) => total + weight, 0);
  const share = (weight: number): number => weight / sum;
  const shares = parts.map(({ scenario, weight }) => `${Number((100 * share(weight)).toFixed(1))} % ${scenario.name}`);
  const heldMs = Math.max(...parts.map(({ scenario }) => scenario.heldMs ?? 0));
  return {
    ...first.scenario,
    ...(heldMs === 0 ? {} : { heldMs }),
    name: 'mix',
    about: shares.join(', '),
    streaming: parts.some(({ scenario }) => scenario.streaming),
    expectedErrorShare: parts.reduce((total, part) => total + share(part.weight) * part.scenario.expectedErrorShare, 0),
    blend: { kinds: parts.map(({ scenario }) => scenario), draw: { weights: parts.map(({ weight }) => weight) } },
  };
}

/** Share of the requests of a scenario that are answered by a stream, 0 to 1. */
export function streamShare({ streaming, blend }: Scenario): number {
  if (blend === undefined || !('weights' in blend.draw)) return streaming ? 1 : 0;
  const { weights } = blend.draw;
  const sum = (of: readonly number[]): number => of.reduce((total, weight) => total + weight, 0);
  return sum(weights.filter((_weight, kind) => blend.kinds[kind]?.streaming === true)) / sum(weights);
}

/**
 * A trace as a scenario: streamed chats, each with a prompt and an answer of its own size. One kind for each pair of sizes.
 * @throws TraceTooVaried when there are more pairs than can be held ready
 */
export function replayOf(trace: Trace): Scenario {
  const base = SCENARIOS.find(({ name }) => name === 'chat-stream') as Scenario;
  const kinds: Scenario[] = [];
  const known = new Map<string, number>();
  let bytes = 0;
  const kindOf = Uint16Array.from(trace.atUs, (_at, row) => {
    const [prompt, output] = [trace.promptTokens[row] as number, trace.outputTokens[row] as number];
    const name = `in=${prompt} out=${output}`;
    const before = known.get(name);
    if (before !== undefined) return before;
    bytes += prompt * BYTES_PER_TOKEN;
    if (kinds.length === MAX_KINDS || bytes > MAX_REQUEST_BYTES)
      throw new TraceTooVaried(
        `its first ${row} rows have more than ${bytes > MAX_REQUEST_BYTES ? `${MAX_REQUEST_BYTES / 1e6} MB of different prompts` : `${MAX_KINDS} pairs of sizes`}`,
      );
    known.set(name, kinds.length);
    return kinds.push(sized(base, name, prompt, output)) - 1;
  });
  return { ...base, name: 'trace', about: aboutTrace(trace), blend: { kinds, draw: { trace, kindOf } } };
}

/** The least that a prompt can be, tokens: what the mock counts around the text; its marker counts nothing. */
export const LEAST_PROMPT_TOKENS = 7;

/** `8819 requests over 58:00, …` for a person. */
function aboutTrace(trace: Trace): string {
  const { prompt, output } = meanTokens(trace);
  const { fromUs, speed } = trace.part;
  const small = trace.promptTokens.filter((tokens) => tokens < LEAST_PROMPT_TOKENS).length;
  return [
    `${trace.file}, ${trace.atUs.length} requests over ${(spanUs(trace) / 1e6).toFixed(1)} s with prompts of ${prompt} and answers of `,
    `${output} tokens on average`,
    fromUs === 0 ? '' : `, from ${fromUs / 1e6} s of the file on`,
    speed === 1 ? '' : `, ${speed} times as fast as they came`,
    trace.unanswered === 0 ? '' : `; ${trace.unanswered} more had no answer and are not sent`,
    small === 0 ? '' : `; ${small} prompts of less than ${LEAST_PROMPT_TOKENS} tokens are sent with that many`,
  ].join('');
}

/** Rounded. */
function meanTokens({ promptTokens, outputTokens }: Trace): { readonly prompt: number; readonly output: number } {
  const mean = (tokens: Uint32Array): number =>
    Math.round(tokens.reduce((sum, count) => sum + count, 0) / tokens.length);
  return { prompt: mean(promptTokens), output: mean(outputTokens) };
}

function sized(base: Scenario, name: string, promptTokens: number, outputTokens: number): Scenario {
  return {
    ...base,
    name,
    behaviour: `tokens=${outputTokens}`,
    request: (model, text) => base.request(model, padded(text, Math.max(promptTokens, LEAST_PROMPT_TOKENS))),
  };
}

/** A text with this one's marker that makes a prompt of so many tokens. */
function padded(text: string, tokens: number): string {
  const words = Array.from({ length: tokens - LEAST_PROMPT_TOKENS }, (_, i) => FILLER[i % FILLER.length]);
  return words.join(' ') + text.slice(text.indexOf('[['));
}
