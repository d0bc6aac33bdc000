import type { AnswerWish, FinishReason } from './answer-wish.js';
import { Content } from './content.js';
import { jsonText } from './json-text.js';
import { MAX_TOKENS } from './tokens.js';
import type { ToolCall } from './tool-choice.js';

/** What a request asks the mock to generate, whichever provider's way it is asked in. */
export interface Wanted {
  /** What is said when nothing cuts it short. */
  readonly content: Content;
  readonly calls: readonly ToolCall[];
  /** Most tokens, reasoning included. */
  readonly limit: number | undefined;
  /** Tokens of reasoning before anything is said. */
  readonly reasoningTokens: number;
  /** Texts before which generation ends. */
  readonly stops: readonly string[];
  /** Why it ends, whatever really ends it. */
  readonly finish: FinishReason | undefined;
}

/** What was generated. */
export interface Generation {
  readonly content: Content;
  readonly calls: readonly ToolCall[];
  readonly reasoningTokens: number;
  /** Tokens of reasoning, content and what the tools are given together. */
  readonly tokens: number;
  readonly finish: FinishReason;
  /** The text that ended it, when one did. */
  readonly stop: string | null;
}

const ANY_OBJECT = { type: 'object', properties: { answer: { type: 'string' } } };
const NOTHING = new Content([]);

/**
 * What is said beside the calls.
 * @param structured what is said when the request asks for JSON, undefined when it does not
 * @param otherwise what is said when nothing else asks for anything
 */
export function contentOf(
  wish: AnswerWish,
  calls: readonly ToolCall[],
  structured: Content | undefined,
  otherwise: Content,
): Content {
  if (wish.say !== undefined) return Content.of(wish.say);
  if (calls.length > 0) return NOTHING;
  if (wish.as === 'text') return otherwise;
  return structured ?? (wish.as === 'json' ? jsonText(ANY_OBJECT) : otherwise);
}

/** Generates what is wanted: reasoning first, then content and calls, up to the limit or to the first stop text. */
export function generate({ content, calls, limit, reasoningTokens, stops, finish }: Wanted): Generation {
  const reasoned = Math.min(reasoningTokens, limit ?? Infinity);
  const stopped = upToStop(content, stops);
  const said = stopped?.content ?? content;
  // What comes behind a stop text is not generated; the tools are called in its stead or not at all.
  const wanted = stopped === undefined ? calls : [];
  let room = limit === undefined ? MAX_TOKENS : limit - reasoned;
  const fitting = (each: Content): Content => {
    const first = each.tokens > room ? each.first(room) : each;
    room -= first.tokens;
    return first;
  };
  const text = fitting(said);
  const given: ToolCall[] = [];
  for (const call of wanted) {
    // A call of which nothing fits is not begun, but the first one shows that there was to be one.
    if (room <= 0 && given.length > 0) break;
    given.push({ ...call, input: fitting(call.input) });
  }
  const whole = wanted.reduce((sum, { input }) => sum + input.tokens, said.tokens);
  const tokens = given.reduce((sum, { input }) => sum + input.tokens, text.tokens);
  const cut = tokens < whole || given.length < wanted.length;
  const ended = cut ? 'length' : given.length > 0 ? 'tool_calls' : 'stop';
  return {
    content: text,
    calls: given,
    reasoningTokens: reasoned,
    tokens: reasoned + tokens,
    finish: finish ?? ended,
    stop: stopped === undefined || cut ? null : stopped.stop,
  };
}

function upToStop(content: Content, stops: readonly string[]): { content: Content; stop: string } | undefined {
  if (stops.length === 0) return undefined;
  const { text } = content;
  let end = Infinity;
  let first = '';
  for (const stop of stops) {
    const at = text.indexOf(stop);
    if (at !== -1 && at < end) [end, first] = [at, stop];
  }
  return end === Infinity ? undefined : { content: Content.of(text.slice(0, end)), stop: first };
}
