import { STATUS } from './case.js';
import { DONE } from './folded-stream.js';
import type { CaseFidelity, FieldFate, Fidelity, GatewayFidelity, Passage } from './result.js';

/** A case as it was seen. */
type Seen = Extract<CaseFidelity, { state: 'seen' }>;

/** Gateways that did the same with one question, in the order in which they were asked. */
export interface Alike {
  readonly gateways: readonly string[];
  readonly seen: Seen;
}

/** Gateways of which there is nothing to say, with the reason. */
export interface Unseen {
  readonly gateways: readonly string[];
  readonly state: 'not-offered' | 'failed';
  readonly reason: string;
}

/** One question, and what everybody did with it. */
export interface CaseRows {
  readonly case: string;
  readonly alike: readonly Alike[];
  /** Who could not be seen, with the reason. */
  readonly others: readonly Unseen[];
}

/** By question, gateways that do the same together. */
export function caseRows({ gateways }: Fidelity): CaseRows[] {
  const asked = gateways.filter((one): one is Extract<GatewayFidelity, { cases: unknown }> => 'cases' in one);
  const names = [...new Set(asked.flatMap(({ cases }) => cases.map((one) => one.case)))];
  return names.map((name) => {
    const alike = new Map<string, { gateways: string[]; seen: Seen }>();
    const others = new Map<string, { gateways: string[]; state: 'not-offered' | 'failed'; reason: string }>();
    for (const { gateway, cases } of asked) {
      const one = cases.find((each) => each.case === name);
      if (one === undefined) continue;
      if (one.state !== 'seen') {
        const { state, reason } = one;
        together(others, JSON.stringify([state, reason]), gateway, { state, reason: reason.message });
      } else together(alike, JSON.stringify(one), gateway, { seen: one });
    }
    return { case: name, alike: [...alike.values()], others: [...others.values()] };
  });
}

function together<T>(groups: Map<string, T & { gateways: string[] }>, key: string, gateway: string, what: T): void {
  const known = groups.get(key);
  if (known === undefined) groups.set(key, { ...what, gateways: [gateway] });
  else known.gateways.push(gateway);
}

/** What one gateway did with one question, in a few signs: `=` where everything is kept, else how much of it is not. */
export function countsOf({ request, answer, asked, passedOn }: Seen): string {
  const fields = [...request.fields, ...answer.fields];
  const count = (...states: readonly FieldFate['state'][]): number =>
    fields.filter(({ state }) => states.includes(state)).length;
  const signs: readonly (readonly [sign: string, count: number])[] = [
    ['−', count('lost', 'refused')],
    // Who speaks the same format looks for it where it stood.
    ['~', count('changed') + (asked === passedOn ? count('moved') : 0)],
    ['∅', count('no-place')],
    ['+', addedOf(request) + addedOf(answer)],
  ];
  const told = signs.flatMap(([sign, number]) => (number === 0 ? [] : [`${sign}${number}`]));
  const way = asked === passedOn ? '' : `${asked} → ${passedOn} `;
  return `${way}${told.length === 0 ? '=' : told.join(' ')}`;
}

/** What the signs of {@link countsOf} mean. */
export const COUNTS_LEGEND =
  '= everything is kept · − lost or refused · ~ changed, or elsewhere in the same format · ∅ the other format has no place for it · + added by the gateway · – not offered; ' +
  'a → b: asked in the one format, it asks the provider in the other';

/** The field's name for a person. */
export function fieldName(field: string): string {
  return field === DONE ? '[DONE]' : field.replace(STATUS, 'status code');
}

function addedOf({ added }: Passage): number {
  return added.reduce((sum, name) => sum + (/^(\d+) more$/.exec(name) === null ? 1 : Number.parseInt(name, 10)), 0);
}
