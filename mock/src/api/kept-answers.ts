import type { Answer } from '../wire/reply.js';

const MAX_KEPT = 512;
const MAX_KEPT_BYTES = 32 * 1024 * 1024;

/** Answers that were made before, by what they depend on; the oldest make room, so memory stays bounded. */
export class KeptAnswers<A extends Answer = Answer> {
  readonly #answers = new Map<string, A>();
  #bytes = 0;

  /** The answer kept under this key, or a new one from `make`. Nothing is kept when `make` throws. */
  get(key: string, make: () => A): A {
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
  if (answer.kind === 'reply') return 1024 + 2 * answer.body.length;
  const frames = answer.frames.runs.reduce((sum, run) => sum + 256 + run.frame.chunk.length, 0);
  return 1024 + frames + Math.min(answer.frames.chunkedBytes, 256 * 1024);
}
