import type { Content } from './content.js';
import { tokenLogprob } from './logprobs.js';

/** The most likely tokens that a legacy completion tells beside each. */
export const MAX_COMPLETION_LOGPROBS = 5;

/**
 * Each token's entry as a legacy completion has them. The probabilities are made up.
 * @param from characters of the text before these tokens
 * @param top of how many most likely tokens it tells
 */
export function completionLogprobs(tokens: readonly string[], from: number, top: number) {
  let offset = from;
  const offsets = tokens.map((token) => {
    const at = offset;
    offset += token.length;
    return at;
  });
  const entries = tokens.map((token) => tokenLogprob(token, top));
  return {
    tokens,
    token_logprobs: entries.map(({ logprob }) => logprob),
    top_logprobs: entries.map((entry) =>
      Object.fromEntries(entry.top_logprobs.map(({ token, logprob }) => [token, logprob])),
    ),
    text_offset: offsets,
  };
}

/** Every token of a text, one by one. */
export function tokensOf(content: Content): string[] {
  return content.runs.flatMap(({ token, times }) => Array.from({ length: times }, () => token));
}
