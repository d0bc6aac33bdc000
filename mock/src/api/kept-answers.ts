import type { Answer } from '../wire/reply.js';

const MAX_KEPT = 512;
const MAX_KEPT_BYTES = 32 * 1024 * 1024;

/** What an answer depends on, always the same things in the same order. */
type Circumstances = readonly (string | number | boolean | undefined)[];

/** Answers that were made before, by what they depend on; those not asked for longest make room, so memory stays bounded. */
export class KeptAnswers<A extends Answer = Answer> {
  readonly #answers = new Map<string, A>();
  #bytes = 0;
  /** Load is mostly one request again and again; comparing with the last one costs less than making and hashing a key. */
  #last: { readonly on: Circumstances; readonly answer: A } | undefined;

  /** The answer kept for these circumstances, or a new one from `make`. Nothing is kept when `make` throws. */
  get(on: Circumstances, make: () => A): A {
    if (this.#last !== undefined && areEqual(this.#last.on, on)) return this.#last.answer;
    const answer = this.#find(on.join('\n'), make);
    this.#last = { on, answer };
    return answer;
  }

  #find(key: string, make: () => A): A {
    const kept = this.#answers.get(key);
    if (kept !== undefined) {
      // A map keeps the order in which keys were set: the first one is the one used longest ago.
      this.#answers.delete(key);
      this.#answers.set(key, kept);
      return kept;
    }
    const made = make();
    this.#answers.set(key, made);
    this.#bytes += weight(made);
    for (const [oldKey, old] of this.#answers) {
      if (this.#answers.size <= MAX_KEPT && this.#bytes <= MAX_KEPT_BYTES) break;
      this.#answers.delete(oldKey);
      this.#bytes -= weight(old);
    }
    return made;
  }
}

function areEqual(a: Circumstances, b: Circumstances): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Roughly what an answer keeps in memory: its bytes, and those once more with the head in front. */
function weight(answer: Answer): number {
  if (answer.kind === 'reply') return 1024 + 2 * answer.body.length;
  const frames = answer.frames.runs.reduce((sum, run) => sum + 256 + run.frame.chunk.length, 0);
  return 1024 + frames + Math.min(answer.frames.chunkedBytes, 256 * 1024);
}
