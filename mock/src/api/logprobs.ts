import type { Content } from './content.js';

/** The most likely tokens that a request may ask for beside each. */
export const MAX_TOP_LOGPROBS = 20;

/** What comes after the most likely token: ever less likely ones. */
const OTHERS = [' other', ' any', ' some', ' no'];

/**
 * One token's entry in `logprobs.content`, as the real service has it. The probabilities are made up.
 * @param top of how many most likely tokens it tells, the first of which is the token itself
 */
export function tokenLogprob(token: string, top: number) {
  const likeliest = entry(token, 0);
  const others = Array.from({ length: Math.max(0, top - 1) }, (_, i) =>
    entry(`${OTHERS[i % OTHERS.length]}${i < OTHERS.length ? '' : i}`, i + 1),
  );
  return { ...likeliest, top_logprobs: top === 0 ? [] : [likeliest, ...others] };
}

/** The entries of all tokens. */
export function contentLogprobs(content: Content, top: number): ReturnType<typeof tokenLogprob>[] {
  return content.runs.flatMap(({ token, times }) => Array.from({ length: times }, () => tokenLogprob(token, top)));
}

function entry(token: string, rank: number) {
  return { token, logprob: -0.01 - 5 * rank, bytes: [...Buffer.from(token)] };
}
