import type { Check } from '../check.js';

/** Something to change in a cluster, or in what is asked of it. */
export interface Advice {
  /** What to do, as an order. */
  readonly change: string;
  /** What was found that calls for it. */
  readonly because: string;
  /** What it would give. */
  readonly gives: string;
}

/** What was seen, and what to change of it. */
export interface Judged {
  readonly checks: readonly Check[];
  readonly advice: readonly Advice[];
}

/** Several as one, in their order. */
export function joined(all: readonly Judged[]): Judged {
  return { checks: all.flatMap(({ checks }) => checks), advice: all.flatMap(({ advice }) => advice) };
}

/** Seen, with nothing to change. */
export function seen(...checks: readonly Check[]): Judged {
  return { checks, advice: [] };
}
