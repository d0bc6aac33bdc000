import type { Answer } from '../wire/reply.js';
import { Kept } from './kept.js';

/** Answers that were made before. */
export class KeptAnswers<A extends Answer = Answer> extends Kept<A> {
  constructor() {
    super(weight);
  }
}

/** Roughly what an answer keeps in memory: its bytes, and those once more with the head in front. */
function weight(answer: Answer): number {
  if (answer.kind === 'reply') return 1024 + 2 * answer.body.length;
  const frames = answer.frames.runs.reduce((sum, run) => sum + 256 + run.frame.chunk.length, 0);
  return 1024 + frames + Math.min(answer.frames.chunkedBytes, 256 * 1024);
}
