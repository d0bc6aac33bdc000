import type { Level } from '../record/cell.js';
import type { Trace } from './trace.js';

/** What a correct answer to a scenario looks like. */
export type AnswerKind = 'chat' | 'tools' | 'embeddings';

/** What is sent. */
export interface Scenario {
  readonly name: string;
  /** One line for a person. */
  readonly about: string;
  readonly path: '/v1/chat/completions' | '/v1/embeddings' | '/v1/messages' | '/v1/responses';
  /** Headers that the API asks for, below those that the target asks for. Left out: none. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly streaming: boolean;
  readonly answer: AnswerKind;
  /** Share of answers that the mock is asked to fail; a target is not at fault for those. */
  readonly expectedErrorShare: number;
  /** What the marker in the text asks of the mock besides the id, for example `ttft=500`. */
  readonly behaviour: string;
  /**
   * What it asks in every request, those of the attestation included, for example `tokens=20`: what the answer depends on. Left out:
   * nothing.
   */
  readonly always?: string;
  /**
   * How long the provider takes over an answer by that, milliseconds; left out: no time to speak of. Warm-up and window are at least as
   * long, because only behind the first whole answer are as many requests under way as the level means.
   */
  readonly heldMs?: number;
  /** The request without its text. */
  readonly request: (model: string, text: string) => Readonly<Record<string, unknown>>;
  /** Where not all requests are alike: what is sent in place of the above, which then only stands for it when a target is looked at. */
  readonly blend?: Blend;
}

/** Scenarios that are run together, and how hard. */
export interface Group {
  readonly name: string;
  readonly about: string;
  readonly scenarios: readonly string[];
  readonly levels: readonly Level[];
}

/** What is sent in a trial in which not all requests are alike. */
export interface Blend {
  /** Requests of one of these, each in its own way; at least one. */
  readonly kinds: readonly Scenario[];
  /** How each request's kind is chosen: at random by these weights, one for each kind, or as the trace says. */
  readonly draw: { readonly weights: readonly number[] } | { readonly trace: Trace; readonly kindOf: Uint16Array };
}

/**
 * The warm-up of a trial of a scenario: what was asked for, and never less than an answer is held.
 * @param warmupMs asked for
 */
export function warmupOf({ heldMs = 0 }: { readonly heldMs?: number | undefined }, warmupMs: number): number {
  return Math.max(warmupMs, heldMs);
}
