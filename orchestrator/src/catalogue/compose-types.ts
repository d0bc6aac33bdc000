import { z } from 'zod';
import { ComposeFloat } from './compose-scalar.js';
import { DURATION } from './compose-units.js';

// The types that Compose takes, and no other: a number is no text, and a text is no list. What is refused is told with what belongs there.

/** Says what belongs there, what stands there, and where it is not plain, why that will not do. */
export function must(be: string, why = ''): { error: (issue: { readonly input?: unknown }) => string } {
  const because = why === '' ? '' : ` (${why})`;
  return {
    error: ({ input }) =>
      input === undefined ? `is missing: it must be ${be}${because}` : `must be ${be}, not ${shown(input)}${because}`,
  };
}

function shown(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof ComposeFloat || typeof value === 'bigint' || typeof value === 'number')
    return `the number ${String(value)}`;
  if (typeof value === 'string') return `the text ${JSON.stringify(value)}`;
  return typeof value === 'boolean' ? String(value) : 'a map';
}

/** @param example of what belongs there, for who wrote something else */
export function text(example: string): z.ZodString {
  return z.string(must(`a text such as ${example}`));
}

/** @param be what belongs there, in words */
export function textLike(pattern: RegExp, be: string): z.ZodString {
  return z.string(must(be)).regex(pattern, must(be));
}

/** A map that Compose lets hold `x-…` keys of anybody. */
export function extensible<T extends z.ZodRawShape>(shape: T) {
  return z.preprocess(withoutExtensions, z.strictObject(shape, must('a map')));
}

function withoutExtensions(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => key === 'x-bench' || !key.startsWith('x-')));
}

/** Told from a whole number by how it is written, so that 1.0 is one as well. */
export const float = z.instanceof(ComposeFloat, must('a number'));
const scalar = z.union(
  [z.string(), z.number(), z.bigint(), z.boolean(), float],
  must('a text, a number, or true or false'),
);
/** For keys of our own, where 1.10 must not become 1.1: no numbers with a point. */
export const word = z.union([z.string(), z.number(), z.boolean()], must('a text: put it in quotes'));
/** A list of texts. */
export const texts = z.array(z.string(must('a text: put it in quotes')), must('a list of texts'));
/** The same without anything twice. */
export const distinct = texts.refine(
  (list) => new Set(list).size === list.length,
  must('a list without anything twice'),
);
/** A command: one text that is split, or its words; nothing is none. */
export const words = z.union([z.string(), texts, z.null()], must('a text, or a list of words'));
/** Variables of an environment, labels, arguments. */
export const variables = z.union(
  [z.record(z.string(), scalar.nullable()), z.array(z.string(must('a text such as "NAME=value" or "NAME"')))],
  must('a map such as NAME: value, or a list such as - NAME=value'),
);

/** True or false; Compose takes the words, too. */
export const truth = z.union(
  [z.boolean(), z.string().regex(/^(true|false)$/i, must('true or false'))],
  must('true or false'),
);

/** How long. */
export const duration = textLike(DURATION, 'a duration: numbers with h, m, s or ms, for example 60s or 1m30s');
