/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | JsonMembers;
/** A JSON object. */
export interface JsonMembers {
  readonly [name: string]: Json;
}

/** A value of JSON, and where it stands: `messages[0].content`. */
export interface Leaf {
  readonly place: string;
  readonly value: Json;
}

/** The value at a place; undefined where there is none. */
export function valueAt(json: Json, place: string): Json | undefined {
  let value: Json | undefined = json;
  for (const step of stepsOf(place)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as JsonMembers)[step];
  }
  return value;
}

/** A copy with another value at a place; what has to stand above it is made where it is missing. */
export function withValueAt(json: Json, place: string, value: Json): Json {
  return put(json, stepsOf(place), value);
}

/**
 * What a JSON value says, piece by piece: scalars, and lists of nothing but scalars, which mean something only as a whole. A null, an empty
 * list and an empty object say nothing.
 */
export function leavesOf(json: Json, place = ''): Leaf[] {
  if (isEmpty(json)) return [];
  if (typeof json !== 'object' || json === null || isScalarList(json)) return [{ place, value: json }];
  return Array.isArray(json)
    ? json.flatMap((value: Json, at) => leavesOf(value, `${place}[${at}]`))
    : Object.entries(json).flatMap(([name, value]) => leavesOf(value, place === '' ? name : `${place}.${name}`));
}

/** Every value within a JSON value, itself included, outermost first. */
export function* valuesOf(json: Json, place = ''): Generator<Leaf> {
  yield { place, value: json };
  if (typeof json !== 'object' || json === null) return;
  for (const [name, value] of Object.entries(json)) {
    const below = Array.isArray(json) ? `${place}[${name}]` : place === '' ? name : `${place}.${name}`;
    yield* valuesOf(value, below);
  }
}

/** The last step of a place. */
export function lastStep(place: string): string {
  return stepsOf(place).at(-1) ?? '';
}

/** The first step of a place. */
export function firstStep(place: string): string {
  return stepsOf(place)[0] ?? '';
}

/** The members of an object; none of anything else. */
export function membersOf(value: Json | undefined): JsonMembers {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonMembers) : {};
}

/** The elements of a list; none of anything else. */
export function elementsOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** A text as it is; anything else as JSON, and nothing as no text. */
export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}

function stepsOf(place: string): string[] {
  return place.split(/[.[\]]+/).filter((step) => step !== '');
}

function put(json: Json | undefined, [step, ...below]: readonly string[], value: Json): Json {
  if (step === undefined) return value;
  if (/^\d+$/.test(step)) {
    const list = Array.isArray(json) ? [...(json as readonly Json[])] : [];
    list[Number(step)] = put(list[Number(step)], below, value);
    // What was to stand before it may have been refused, and is left out.
    return list.filter((each) => each !== undefined);
  }
  const members = typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as JsonMembers) : {};
  return { ...members, [step]: put(members[step], below, value) };
}

function isEmpty(json: Json): boolean {
  return json === null || (typeof json === 'object' && Object.keys(json).length === 0);
}

function isScalarList(json: Json): boolean {
  return Array.isArray(json) && json.every((value) => typeof value !== 'object' || value === null);
}
