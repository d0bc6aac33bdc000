import { Content } from './content.js';
import { MAX_TOKENS } from './tokens.js';
import type { ToolCall } from './tool-choice.js';

/** What a request asks the mock to generate, whichever provider's way it is asked in. */
export interface Wanted {
  /** What is said, or what the called tool is given, when nothing cuts it short. */
  readonly content: Content;
  readonly call: ToolCall | undefined;
  /** Most tokens, reasoning included. */
  readonly limit: number | undefined;
  /** Tokens of reasoning before anything is said. */
  readonly reasoningTokens: number;
  /** Texts before which generation ends. */
  readonly stops: readonly string[];
}

/** What was generated. */
export interface Generation {
  readonly content: Content;
  /** The call that the content is the input of; undefined when the content is text. */
  readonly call: ToolCall | undefined;
  readonly reasoningTokens: number;
  /** Tokens of reasoning and content together. */
  readonly tokens: number;
  readonly ending: 'done' | 'limit' | 'stop';
  /** The text that ended it, with the ending `stop`. */
  readonly stop: string | null;
}

/** Generates what is wanted: reasoning first, then content up to the limit or to the first stop text. */
export function generate({ content, call, limit, reasoningTokens, stops }: Wanted): Generation {
  const reasoned = Math.min(reasoningTokens, limit ?? Infinity);
  const room = limit === undefined ? MAX_TOKENS : limit - reasoned;
  const generated = (said: Content, ending: Generation['ending'], stop: string | null = null): Generation => {
    return { content: said, call, reasoningTokens: reasoned, tokens: reasoned + said.tokens, ending, stop };
  };
  // Stop texts do not apply to what a tool is given.
  const stopped = call === undefined ? upToStop(content, stops) : undefined;
  if (stopped !== undefined && stopped.content.tokens <= room) return generated(stopped.content, 'stop', stopped.stop);
  return content.tokens > room ? generated(content.first(room), 'limit') : generated(content, 'done');
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
