import type { AskedFormat } from '../catalogue/format-of.js';
import type { Scenario } from '../catalogue/scenario.js';
import type { JsonMembers, Json } from './json-place.js';

/** What a provider's answer is about, in whichever format it is asked. */
export type AnswerKind = 'text' | 'tools' | 'structured' | 'vectors' | 'vector-batch';

/** One question with everything that its format has. */
export interface FidelityCase {
  readonly name: string;
  readonly path: Scenario['path'];
  readonly streaming: boolean;
  readonly kind: AnswerKind;
  /** What the format asks for. The model is put in by whoever asks. */
  readonly required: JsonMembers;
  /** What may be there besides, by its place; each can be added alone. A place that begins with `header ` is a header's. */
  readonly optional: Readonly<Record<string, Json>>;
}

/** What a provider says, before it is known whether as a stream. */
export interface ProviderAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonMembers;
}

/** Everything that a provider can say to one kind of question in one format. */
export interface AnswerScript {
  readonly format: AskedFormat;
  /** The least that is an answer. */
  readonly base: ProviderAnswer;
  /** What may be there besides, by its place, as in {@link FidelityCase.optional}. */
  readonly optional: Readonly<Record<string, Json>>;
  /** Answers of another outcome, each with the places that tell it. */
  readonly variants: readonly AnswerVariant[];
}

/** Another outcome of the same question, and the places of it that tell it from others. */
export interface AnswerVariant {
  readonly name: string;
  readonly answer: ProviderAnswer;
  readonly places: readonly string[];
}

/** Begins the place of a header. */
export const HEADER = 'header ';
/** The place of the status code, which HTTP/2 carries as a header of this name (RFC 9113, section 8.3.2). */
export const STATUS = `${HEADER}:status`;
