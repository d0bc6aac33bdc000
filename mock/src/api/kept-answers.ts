import type { Answer } from '../wire/reply.js';

const MAX_KEPT = 512;
const MAX_KEPT_BYTES = 32 * 1024 * 1024;

/** Answers that were made before, by what they depend on; the oldest make room, so memory stays bounded. */
export class KeptAnswers {
  readonly #answers = new Map<string, Answer>();
  #bytes = 0;

  /** The answer kept under this key, or a new one from `make`. */
  get(key: string, make: () => Answer): Answer {
    const kept = this.#answers.get(key);
    if (kept !== undefined) return kept;
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

/** Roughly what an answer keeps in memory: its bytes, and those once more with the head in front. */
function weight(answer: Answer): number {
  return 1024 + 2 * (answer.kind === 'reply' ? answer.body.length : Math.min(answer.frames.chunkedBytes, 256 * 1024));
}
