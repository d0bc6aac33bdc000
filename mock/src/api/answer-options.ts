import type { Models } from './models.js';

/** What answers depend on beside their requests. */
export interface AnswerOptions {
  /** Tokens of a stream whose request does not ask for a length. */
  readonly streamTokens: number;
  /** Tokens that a stream sends in one chunk. */
  readonly chunkTokens: number;
  /** When answers are said to have been made, in seconds: one time for all, because they are made once and kept. */
  readonly createdSeconds: number;
  readonly models: Models;
}
