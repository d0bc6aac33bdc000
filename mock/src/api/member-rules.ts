import type { JsonObject } from '../wire/json.js';
import type { ApiFailure } from './endpoint.js';

/** What a member should be, when it is something else, as in "expected …"; undefined when it is right. */
export type MemberRule = (json: JsonObject, name: string) => string | undefined;

/** How a provider words what is wrong. */
export interface RuleWords {
  unknown(name: string): ApiFailure;
  wrong(name: string, expected: string): ApiFailure;
  /** A member that the provider knows and the mock does not obey. */
  notPlayed(name: string): ApiFailure;
}

/** Marks members that the provider knows and the mock does not obey. */
export const NOT_PLAYED: MemberRule = () => 'nothing';

/** The members that a request may have, and what they may be. A null is as good as nothing. */
export class MemberRules {
  readonly #rules: ReadonlyMap<string, MemberRule>;
  readonly #words: RuleWords;

  constructor(rules: Readonly<Record<string, MemberRule>>, words: RuleWords) {
    this.#rules = new Map(Object.entries(rules));
    this.#words = words;
  }

  /**
   * Looks at every member, in their order.
   * @throws {ApiFailure} for the first that is wrong
   */
  check(json: JsonObject): void {
    for (let i = 0; i < json.size; i++) {
      const name = json.nameAt(i);
      const rule = this.#rules.get(name);
      if (rule === undefined) throw this.#words.unknown(name);
      if (rule === anything || !json.has(name)) continue;
      if (rule === NOT_PLAYED) throw this.#words.notPlayed(name);
      const expected = rule(json, name);
      if (expected !== undefined) throw this.#words.wrong(name, expected);
    }
  }
}

/** Is looked at elsewhere, or may be anything. */
export const anything: MemberRule = () => undefined;

/** True or false. */
export const boolean: MemberRule = (json, name) => (json.kind(name) === 'boolean' ? undefined : 'a boolean');

/** False, because the mock cannot play what true asks for. */
export const onlyFalse: MemberRule = (json, name) =>
  json.kind(name) === 'boolean' && !json.isTrue(name) ? undefined : 'false, because this mock plays nothing else';

/** A text. */
export const string: MemberRule = (json, name) => (json.kind(name) === 'string' ? undefined : 'a string');

/** A JSON object. */
export const object: MemberRule = (json, name) => (json.kind(name) === 'object' ? undefined : 'an object');

/** An array of anything. */
export const array: MemberRule = (json, name) => (json.kind(name) === 'array' ? undefined : 'an array');

/** A number, bounds included. */
export function number(low: number, high: number): MemberRule {
  return (json, name) => {
    const value = json.number(name);
    return value !== undefined && value >= low && value <= high ? undefined : `a number from ${low} to ${high}`;
  };
}

/** A whole number, bounds included. */
export function integer(low: number, high: number): MemberRule {
  return (json, name) => {
    const value = json.number(name);
    if (value !== undefined && Number.isInteger(value) && value >= low && value <= high) return undefined;
    return high === Infinity ? `an integer of ${low} or more` : `an integer from ${low} to ${high}`;
  };
}

/** One of these texts. */
export function oneOf(...allowed: readonly string[]): MemberRule {
  const expected = allowed.map((each) => `'${each}'`).join(', ');
  return (json, name) => (allowed.includes(json.string(name) ?? '') ? undefined : `one of ${expected}`);
}

/** An array of nothing but these texts. */
export function listOf(...allowed: readonly string[]): MemberRule {
  const expected = `an array of ${allowed.map((each) => `'${each}'`).join(', ')}`;
  return (json, name) => {
    const value = json.kind(name) === 'array' ? (json.value(name) as unknown[]) : [undefined];
    return value.every((each) => typeof each === 'string' && allowed.includes(each)) ? undefined : expected;
  };
}
