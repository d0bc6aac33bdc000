import { isDeepStrictEqual } from 'node:util';
import { HEADER } from './case.js';
import { equivalentOf, hasNoPlace, isStructure, type Translation } from './equivalents.js';
import {
  firstStep,
  type Json,
  type JsonMembers,
  lastStep,
  type Leaf,
  leavesOf,
  valueAt,
  valuesOf,
} from './json-place.js';
import type { FieldFate, Passage } from './result.js';

/** What came out at the other end. */
export interface Arrived {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonMembers;
}

/** Texts shorter than this and numbers smaller may stand somewhere by chance, and tell nothing there. */
const TELLING_LENGTH = 6;
const TELLING_NUMBER = 12;
/** Shorter ones are words that texts have in them anyhow. */
const LONG_TEXT = 10;
/** Of a value so much is shown. */
const LONGEST_VALUE = 60;
/** So many additions are told by their names, further ones by their number. */
const MOST_ADDED = 12;

/**
 * What became of fields on their way. In the same format a field belongs where it stood; in another one it is looked for by what the
 * formats mean, then by its value, then by its name.
 * @param sent the whole body; `fields` are what of it and of its head is judged
 */
export function judgePassage(
  sent: JsonMembers,
  fields: readonly Leaf[],
  arrived: Arrived,
  translation: Translation,
): Passage {
  const translated = translation.from !== translation.to;
  const judged = fields.filter(({ place }) => !translated || !isStructure(place));
  const search: Search = { everything: [...everythingIn(arrived.body)], taken: new Set(), translation };
  const fates = judged.map((field) => fateOf(field, arrived, search));
  return {
    fields: fates,
    added: translated ? strangers(search, fields, arrived.body) : additions(sent, arrived.body, fates),
  };
}

/** Where a value may have gone to. What was sent twice is found twice, so that no place is the new one of two fields while another is free. */
interface Search {
  readonly everything: readonly Leaf[];
  readonly taken: Set<string>;
  readonly translation: Translation;
}

function fateOf({ place, value }: Leaf, arrived: Arrived, search: Search): FieldFate {
  const { translation } = search;
  if (place.startsWith(HEADER)) return headerFate(place, value, arrived.headers, translation);
  const isOne = translation.from === translation.to;
  const same = valueAt(arrived.body, place);
  if (isOne && same !== undefined && isSame(value, same)) return { field: place, state: 'kept' };
  const to = equivalentOf(translation, place, value, arrived.body) ?? found(place, value, search);
  if (to !== null) search.taken.add(to);
  if (to !== null) return to === place ? { field: place, state: 'kept' } : { field: place, state: 'moved', detail: to };
  const within = textAround(value, search);
  if (within !== null) search.taken.add(within);
  // A question may be told in more words; whoever reads an answer looks for the member.
  if (within !== null && translation.of === 'request') return { field: place, state: 'moved', detail: within };
  if (within !== null) return { field: place, state: 'changed', detail: `within ${within}` };
  if (isOne && same !== undefined && same !== null) return { field: place, state: 'changed', detail: shown(same) };
  if (same === undefined && hasNoPlace(translation, place)) return { field: place, state: 'no-place' };
  const part = partFound(value, search);
  if (part !== null) return { field: place, state: 'changed', detail: part };
  const now = same ?? insteadOfObject(place, arrived.body);
  if (now !== null) return { field: place, state: 'changed', detail: shown(now) };
  return { field: place, state: hasNoPlace(translation, place) ? 'no-place' : 'lost' };
}

/** What stands where an object of a kind stood, `{"type": "any"}`, and is none; null where nothing does. */
function insteadOfObject(place: string, arrived: JsonMembers): Json {
  const [, outer] = /^(.+)\.type$/.exec(place) ?? [];
  const value = outer === undefined ? null : (valueAt(arrived, outer) ?? null);
  return typeof value === 'object' ? null : value;
}

function headerFate(place: string, value: Json, headers: Arrived['headers'], translation: Translation): FieldFate {
  const name = place.slice(HEADER.length);
  const is = headers[name];
  if (is === value) return { field: place, state: 'kept' };
  const prefixed = Object.keys(headers).find((other) => other.endsWith(`-${name}`) && headers[other] === value);
  if (prefixed !== undefined) return { field: place, state: 'moved', detail: HEADER + prefixed };
  if (is !== undefined) return { field: place, state: 'changed', detail: shown(is) };
  return { field: place, state: hasNoPlace(translation, place) ? 'no-place' : 'lost' };
}

/** Where a value stands otherwise than where it stood; null where nothing there can be told to be it. */
function found(place: string, value: Json, { everything, taken, translation }: Search): string | null {
  const name = lastStep(place);
  const isNamed = (one: Leaf): boolean => lastStep(one.place) === name;
  const telling = isTelling(value);
  if (!telling && translation.from === translation.to) return null;
  const like = everything.filter((one) => (telling || isNamed(one)) && isSame(value, one.value));
  const free = like.filter((one) => !taken.has(one.place));
  const best = free.find(isNamed) ?? free[0] ?? like[0];
  if (best === undefined) return null;
  taken.add(best.place);
  return best.place;
}

/** The text of which a text has become a part, as one system message of two, or an image of its data URL; null where there is none. */
function textAround(value: Json, { everything }: Search): string | null {
  if (typeof value !== 'string' || !isTelling(value)) return null;
  return everything.find((one) => typeof one.value === 'string' && one.value.includes(value))?.place ?? null;
}

/** Of an object or a list that did not arrive whole, how much of it did; null where nothing did. */
function partFound(value: Json, { everything, taken }: Search): string | null {
  if (typeof value !== 'object' || value === null) return null;
  const leaves = leavesOf(value).filter((leaf) => isTelling(leaf.value));
  const missing: string[] = [];
  for (const leaf of leaves) {
    const there = everything.find((one) => isSame(leaf.value, one.value) || isWithinText(leaf.value, one.value));
    if (there === undefined) missing.push(leaf.place);
    else taken.add(there.place);
  }
  if (missing.length === leaves.length) return null;
  return missing.length === 0 ? 'told in other pieces' : `without ${missing.join(', ')}`;
}

/** Every value, and those that stand as JSON within texts. */
function* everythingIn(json: Json): Generator<Leaf> {
  for (const leaf of valuesOf(json)) {
    yield leaf;
    const inner = unpacked(leaf.value);
    if (inner !== leaf.value) yield* valuesOf(inner, leaf.place);
  }
}

function isWithinText(value: Json, text: Json): boolean {
  return typeof value === 'string' && value.length >= LONG_TEXT && typeof text === 'string' && text.includes(value);
}

function isTelling(value: Json): boolean {
  if (typeof value === 'string') return value.length >= TELLING_LENGTH;
  if (typeof value === 'number') return Math.abs(value) >= TELLING_NUMBER || !Number.isInteger(value);
  return typeof value === 'object' && value !== null;
}

/** JSON within a text means the same however it is written, and as JSON itself. */
function isSame(one: Json, other: Json): boolean {
  if (isDeepStrictEqual(one, other)) return true;
  const [a, b] = [unpacked(one), unpacked(other)];
  return typeof a === 'object' && a !== null && isDeepStrictEqual(a, b);
}

function unpacked(value: Json): Json {
  if (typeof value !== 'string' || !/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as Json;
  } catch {
    return value;
  }
}

/** What is there that was not sent, each at the outermost place that was not. Where something moved to is no addition. */
function additions(sent: JsonMembers, arrived: JsonMembers, fates: readonly FieldFate[]): string[] {
  const moved = fates.flatMap(({ state, detail }) => (state === 'moved' && detail !== undefined ? detail : []));
  const added: string[] = [];
  for (const { place } of valuesOf(arrived)) {
    if (place === '' || valueAt(sent, place) !== undefined || added.some((other) => isWithin(place, other))) continue;
    if (!moved.some((other) => isWithin(other, place) || isWithin(place, other))) added.push(place);
  }
  return numbered(added);
}

/** In another format everything has another name: only members at the top are strange into which nothing went that was sent. */
function strangers({ taken }: Search, fields: readonly Leaf[], arrived: JsonMembers): string[] {
  const known = new Set([...taken, ...fields.map(({ place }) => place)].map(firstStep));
  const names = Object.entries(arrived).filter(
    ([name, value]) => value !== null && !isStructure(name) && !known.has(name),
  );
  return numbered(names.map(([name]) => name));
}

function numbered(added: readonly string[]): string[] {
  return added.length <= MOST_ADDED ? [...added] : [...added.slice(0, MOST_ADDED), `${added.length - MOST_ADDED} more`];
}

function isWithin(place: string, outer: string): boolean {
  return place === outer || place.startsWith(`${outer}.`) || place.startsWith(`${outer}[`);
}

function shown(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1)}…` : text;
}
