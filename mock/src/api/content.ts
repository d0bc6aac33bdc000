import { MAX_TOKENS } from './tokens.js';

/** The same token several times in a row. */
interface TokenRun {
  readonly token: string;
  readonly times: number;
}

/** Tokens that a stream sends in one chunk, several times in a row. */
interface Chunk {
  readonly text: string;
  readonly tokens: readonly string[];
  readonly times: number;
}

/**
 * The tokens of an answer whose length is asked for: one word, and now and then another of the same length, each but the first with
 * the space before it, as tokenizers cut a text: clients that count the tokens of what they got come to what usage says.
 */
const FIRST_WORD = 'word';
const WORD = ' word';
const OTHER_WORD = ' text';
/** LiteLLM takes a hundred equal chunks in a row for a model that has gone astray, and fails the stream. */
const OTHER_EVERY = 50;

/** A word with the space before it, a group of signs with the space before it, or space that is left over; of a long one, a part. */
const TOKEN = /\s{0,64}[\p{L}\p{N}_]{1,64}|\s{0,64}[^\s\p{L}\p{N}_]{1,64}|\s{1,64}/gu;

/**
 * What an answer says, token by token: a stream sends one or more of them a chunk, and usage counts them.
 * Equal tokens in a row are kept once: 100 000 words are 4000 runs.
 */
export class Content {
  readonly runs: readonly TokenRun[];
  /** How many tokens. */
  readonly tokens: number;

  constructor(runs: readonly TokenRun[]) {
    this.runs = runs.filter((run) => run.times > 0);
    this.tokens = this.runs.reduce((sum, run) => sum + run.times, 0);
  }

  /** So many words. */
  static words(count: number): Content {
    const runs: TokenRun[] = [{ token: FIRST_WORD, times: Math.min(count, 1) }];
    for (let said = 1; said < count; ) {
      const other = said - (said % OTHER_EVERY) + OTHER_EVERY - 1;
      runs.push({ token: WORD, times: Math.min(count, other) - said });
      if (other < count) runs.push({ token: OTHER_WORD, times: 1 });
      said = other + 1;
    }
    return new Content(runs);
  }

  /** A text, cut into words and groups of signs; of a text that is too long, one token more than an answer may have. */
  static of(text: string): Content {
    const runs: TokenRun[] = [];
    for (const [token] of text.matchAll(TOKEN)) {
      runs.push({ token, times: 1 });
      if (runs.length > MAX_TOKENS) break;
    }
    return new Content(runs);
  }

  /** The whole text. */
  get text(): string {
    return this.runs.map(({ token, times }) => token.repeat(times)).join('');
  }

  /** As a stream sends it, so many tokens a chunk; the last one has what is left. */
  chunked(size: number): Chunk[] {
    const chunks: Chunk[] = [];
    let pending: string[] = [];
    const add = (tokens: readonly string[], times: number) => chunks.push({ text: tokens.join(''), tokens, times });
    for (const { token, times } of this.runs) {
      let left = times;
      while (left > 0) {
        const whole = pending.length === 0 ? Math.floor(left / size) : 0;
        if (whole > 0) {
          add(
            Array.from({ length: size }, () => token),
            whole,
          );
          left -= whole * size;
        } else {
          pending.push(token);
          left--;
          if (pending.length === size) {
            add(pending, 1);
            pending = [];
          }
        }
      }
    }
    if (pending.length > 0) add(pending, 1);
    return chunks;
  }

  /** The first tokens, at most so many. */
  first(count: number): Content {
    const runs: TokenRun[] = [];
    let left = count;
    for (const { token, times } of this.runs) {
      if (left <= 0) break;
      runs.push({ token, times: Math.min(times, left) });
      left -= times;
    }
    return new Content(runs);
  }
}

/** What is said when a request asks for nothing in particular. */
export const SENTENCE: Content = Content.of('This is a benchmark response.');
