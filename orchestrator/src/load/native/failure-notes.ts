import type { Verdict } from './answer.js';
import type { BreachCode } from './answer-check.js';
import type { ReaderReport } from './lane-task.js';

const MAX_EXAMPLES = 10;

/** What a person is told of the requests that failed: distinct messages with their counts, and each kind of breach with its first row. */
export class FailureNotes {
  readonly #examples = new Map<string, number>();
  readonly #breaches = new Map<BreachCode, { count: number; readonly row: number; readonly message: string }>();

  add(row: number, { outcome, message, breach }: Verdict): void {
    if (breach !== undefined) {
      const known = this.#breaches.get(breach);
      if (known === undefined) this.#breaches.set(breach, { count: 1, row, message });
      else known.count += 1;
    }
    const text = message === '' ? outcome : `${outcome}: ${message}`;
    const known = this.#examples.get(text);
    if (known !== undefined || this.#examples.size < MAX_EXAMPLES) this.#examples.set(text, (known ?? 0) + 1);
  }

  report(): Pick<ReaderReport, 'errorExamples' | 'breaches'> {
    return {
      errorExamples: Object.fromEntries(this.#examples),
      breaches: [...this.#breaches].map(([code, breach]) => ({ code, ...breach })),
    };
  }
}
