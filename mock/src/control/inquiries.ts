import type { Answered, FromPrimary, FromWorker, Question } from './messages.js';

/** Says something to the primary. */
export function say(message: FromWorker): void {
  process.send?.(message);
}

/** What this worker has asked of the primary and has no answer to yet. */
export class Inquiries {
  readonly #questions = new Map<number, (answer: Answered) => void>();
  readonly #counts = new Map<number, (count: number) => void>();
  #next = 1;

  /** Asks every worker. */
  ask(question: Question): Promise<Answered> {
    return new Promise((resolve) => {
      const ask = this.#next++;
      this.#questions.set(ask, resolve);
      say({ type: 'ask', ask, question });
    });
  }

  /** Counts so many more over all workers; the answer is how many there are with them. */
  count(what: string, by: number): Promise<number> {
    return new Promise((resolve) => {
      const ask = this.#next++;
      this.#counts.set(ask, resolve);
      say({ type: 'count', ask, what, by });
    });
  }

  /** The primary has answered. */
  answered(message: FromPrimary): void {
    if (message.type === 'answer') {
      this.#questions.get(message.ask)?.(message.answer);
      this.#questions.delete(message.ask);
    } else if (message.type === 'counted') {
      this.#counts.get(message.ask)?.(message.count);
      this.#counts.delete(message.ask);
    }
  }
}
