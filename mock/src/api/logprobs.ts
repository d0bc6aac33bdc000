import type { Content } from './content.js';

/** One token's entry in `logprobs.content`, as the real service has it. The probability is made up. */
export function tokenLogprob(token: string) {
  return { token, logprob: -0.01, bytes: [...Buffer.from(token)], top_logprobs: [] };
}

/** The entries of all tokens. */
export function contentLogprobs(content: Content): ReturnType<typeof tokenLogprob>[] {
  return content.runs.flatMap(({ token, times }) => Array.from({ length: times }, () => tokenLogprob(token)));
}
