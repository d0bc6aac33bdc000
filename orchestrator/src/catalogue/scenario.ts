import type { Level } from '../record/cell.js';
import type { SessionRhythm } from './session-rhythm.js';
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
  /** How long it takes to attest a target, milliseconds, beyond what one request and its answer take; left out: no time to speak of. */
  readonly checkMs?: number;
  /** The request without its text. */
  readonly request: (model: string, text: string) => Readonly<Record<string, unknown>>;
  /** A part of the blend that is held against the same load by itself, which these scenarios are; both are measured in the same visits. */
  readonly against?: { readonly part: string; readonly scenarios: readonly string[] };
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
  /** The part that each kind is counted in. Left out: each is a part of its own, and those of a trace are all one. */
  readonly partOf?: readonly string[];
  /** The file that the requests are from; left out: they are ours. */
  readonly bodies?: Bodies;
  /** What turns of sessions each part holds, in the order of the parts. */
  readonly turns?: readonly TurnsPart[];
  /**
   * How each request's kind is chosen: at random by these weights, one for each kind; as the trace says; or one kind after the other within
   * each of many sessions, which begin at random and of which the level says how many requests a second they send together; or each kind by a
   * schedule of its own, so many a second at random, or (null) as the level says.
   */
  readonly draw:
    | { readonly weights: readonly number[] }
    | { readonly trace: Trace; readonly kindOf: Uint16Array }
    | { readonly sessions: SessionRhythm }
    | { readonly rates: readonly (number | null)[] };
}

/** Requests of somebody's own, and how large they are. */
export interface Bodies {
  /** Without its folder. */
  readonly file: string;
  readonly sha256: string;
  readonly requests: number;
  /** Of the bodies as they were given. */
  readonly bytes: { readonly least: number; readonly median: number; readonly most: number };
}

/** Turns of sessions that are told together, by turn and by size at once: the one goes with the other. */
export interface TurnsPart {
  readonly name: string;
  /** From 1. */
  readonly turns: { readonly first: number; readonly last: number };
  /** Of the conversation in the first and in the last of them, as compact JSON without what stands around it. */
  readonly bytes: { readonly least: number; readonly most: number };
}

/** Whether requests follow answers: such a load has no schedule that is known beforehand. */
export function hasSessions({ blend }: Pick<Scenario, 'blend'>): boolean {
  return blend !== undefined && 'sessions' in blend.draw;
}

/**
 * The warm-up of a trial of a scenario: what was asked for, and never less than an answer is held.
 * @param warmupMs asked for
 */
export function warmupOf({ heldMs = 0 }: { readonly heldMs?: number | undefined }, warmupMs: number): number {
  return Math.max(warmupMs, heldMs);
}
