import { hash32 } from '../timing/seeded.js';

/** When the answers are said to have been made, in seconds: the start of the mock, because they are made once. */
export const CREATED: number = Math.floor(Date.now() / 1000);

/**
 * The id of a tool call. It differs between the turns of a conversation, because those differ in their tokens, so that a
 * client can tell its calls apart; asked the same again it is the same.
 * @param prefix the provider's, such as `call_`
 */
export function callId(prefix: string, name: string, promptTokens: number, index: number): string {
  const parts = [0, 1, 2].map((seed) => hash32(seed, `${name} ${promptTokens} ${index}`).toString(16).padStart(8, '0'));
  return prefix + parts.join('');
}
