import { formatText } from './formats.js';
import { dependentSchemas, matches, prefixOf, restOf, schemasOf } from './matches.js';
import { patternText } from './pattern-text.js';
import { References } from './references.js';
import { equal, isSchema, listAt, merged, numberAt, schemaAt, without, type Schema } from './schema.js';

/** Optional properties and items are filled in down to this depth; below it only what the schema requires. */
const FULL_DEPTH = 4;
/** A schema that requires itself has no finite value; this is where the attempt ends. */
const MAX_DEPTH = 32;
/** A schema that requires itself many times over would grow without end; this many values are made at most. */
const MAX_VALUES = 10_000;
/** A long text counts as so many values as it has times this many characters. */
const CHARACTERS_A_VALUE = 64;
/** Ways to obey one schema that are tried. */
const MAX_WAYS = 24;

/**
 * A value that a JSON Schema (2020-12, and what earlier drafts wrote otherwise) allows, the same at every call. Where a schema can be
 * obeyed in several ways, or forbids something, they are tried one after the other, and the first is given when none will do:
 * a schema that allows nothing has no value either. `unevaluatedProperties` and `unevaluatedItems` are not looked at.
 */
export function schemaValue(schema: unknown): unknown {
  const references = new References(schema);
  return value(references.root, { references, depth: 0, name: 'value', variant: 0, made: { count: 0 } });
}

interface Place {
  readonly references: References;
  readonly depth: number;
  /** The property's name, which text values repeat. */
  readonly name: string;
  /** Which of the values that a schema allows; items of an array that must differ have different ones. */
  readonly variant: number;
  /** Values made so far, of the whole schema. */
  readonly made: { count: number };
}

/** Keywords that a value can break although it is made from all others. */
const TRYING = ['not', 'if', 'oneOf', 'anyOf', 'allOf', 'contains', 'uniqueItems', 'pattern', 'propertyNames'];
const ALSO_TRYING = [
  'patternProperties',
  'dependentSchemas',
  'dependentRequired',
  'dependencies',
  'minProperties',
  'enum',
];

function value(schema: unknown, place: Place): unknown {
  if (!isSchema(schema) || place.depth > MAX_DEPTH || ++place.made.count > MAX_VALUES) return null;
  const plain = ![...TRYING, ...ALSO_TRYING].some((key) => key in schema) && typeof schema['$ref'] !== 'string';
  if (plain) return plainValue(schema, place);
  let first: { readonly found: unknown } | undefined;
  for (const found of ways(schema, place)) {
    first ??= { found };
    if (matches(schema, found, place.references)) return found;
  }
  return first?.found ?? null;
}

/** Values that may obey a schema, the most likely first. */
function* ways(schema: Schema, place: Place): Generator<unknown, void> {
  let left = MAX_WAYS;
  for (const simple of simplified(schema, place, 0)) {
    yield plainValue(simple, place);
    if (--left === 0 || place.made.count > MAX_VALUES) return;
  }
  // What is said of none of the types may still be forbidden by something else.
  for (const each of [null, true, false, 0, 1, -1, 1.5, '', 'bench', [], {}, [null], { bench: null }]) yield each;
  for (let variant = 1; variant <= 3; variant++)
    yield plainValue(schema, { ...place, variant: place.variant + variant });
}

/** Schemas without references and choices, each of which allows only what the given one may. */
function* simplified(schema: Schema, place: Place, depth: number): Generator<Schema, void> {
  // Each look counts as a value: a schema that refers to itself in two of its choices would be looked at for ever.
  if (depth > MAX_DEPTH || ++place.made.count > MAX_VALUES) return;
  const next = (simpler: unknown) => simplified(isSchema(simpler) ? simpler : {}, place, depth + 1);
  if (typeof schema['$ref'] === 'string') {
    const found = place.references.find(schema['$ref']);
    if (found !== false) yield* next(merged(found, without(schema, '$ref')));
  } else if ('if' in schema) {
    const rest = without(schema, 'if', 'then', 'else');
    yield* next(merged(merged(rest, schema['if']), schema['then']));
    yield* next(merged(rest, schema['else']));
  } else {
    const choice = ['anyOf', 'oneOf'].find((key) => Array.isArray(schema[key]));
    if (choice === undefined) {
      // Behind the choices, because of two of one kind only one can stand in a schema.
      if (!Array.isArray(schema['allOf'])) yield schema;
      else yield* next(settled(schema['allOf'].reduce(merged, without(schema, 'allOf'))));
      return;
    }
    const options = listAt(schema, choice).filter((option) => option !== false);
    const rest = without(schema, choice);
    // Something rather than nothing; far down whatever ends, or a tree would be drawn to the last value that may be made.
    const cost =
      place.depth < FULL_DEPTH
        ? (option: unknown) => Number(isNull(option))
        : (option: unknown) => growth(option, place);
    for (const option of [...options].sort((a, b) => cost(a) - cost(b))) yield* next(merged(rest, option));
  }
}

/** Without what cannot be merged, such as two patterns: whether a value obeys both shows when it is looked at. */
function settled(schema: Schema): Schema {
  const left = listAt(schema, 'allOf').filter((each) => !isSchema(each) || !UNMERGED.has(Object.keys(each).join()));
  return left.length === 0 ? without(schema, 'allOf') : { ...schema, allOf: left };
}

const UNMERGED: ReadonlySet<string> = new Set(['pattern', 'contains', 'multipleOf']);

function isNull(schema: unknown): boolean {
  return isSchema(schema) && schema['type'] === 'null';
}

/** How far a value may go on below this schema: a single value does not, what refers to another schema may. */
function growth(given: unknown, { references }: Place): number {
  const referred = isSchema(given) && typeof given['$ref'] === 'string' ? references.find(given['$ref']) : given;
  const schema = referred === given ? given : merged(referred, without(given as Schema, '$ref'));
  if (!isSchema(schema)) return 0;
  const text = JSON.stringify(schema);
  if (text.includes('"$ref"') || text.includes('"$dynamicRef"')) return 3;
  const type = typeOf(schema);
  return isNull(schema) || 'const' in schema || 'enum' in schema ? 0 : type === 'object' || type === 'array' ? 2 : 1;
}

/** The value of a schema that has no reference and no choice in it. */
function plainValue(schema: Schema, place: Place): unknown {
  if ('const' in schema) return schema['const'];
  const fitting = listAt(schema, 'enum').filter((each) => matches(without(schema, 'enum'), each, place.references));
  if (fitting.length > 0) return fitting[place.variant % fitting.length];
  if (place.depth >= FULL_DEPTH && Array.isArray(schema['type']) && schema['type'].includes('null')) return null;
  switch (typeOf(schema)) {
    case 'object':
      return objectValue(schema, place);
    case 'array':
      return arrayValue(schema, place);
    case 'integer':
    case 'number':
      return numberValue(schema, place.variant);
    case 'boolean':
      return place.variant % 2 === 0;
    case 'null':
      return null;
    default:
      return stringValue(schema, place);
  }
}

/** Keywords that tell the type of a schema that does not. */
const TELLING: readonly (readonly [type: string, keywords: readonly string[]])[] = [
  [
    'object',
    [
      'properties',
      'required',
      'patternProperties',
      'propertyNames',
      'minProperties',
      'dependentSchemas',
      'dependentRequired',
    ],
  ],
  ['array', ['items', 'prefixItems', 'contains', 'minItems', 'uniqueItems']],
  ['number', ['minimum', 'maximum', 'multipleOf', 'exclusiveMinimum', 'exclusiveMaximum']],
];

function typeOf(schema: Schema): unknown {
  const { type } = schema;
  if (Array.isArray(type)) return type.find((each) => each !== 'null') ?? 'null';
  if (type !== undefined) return type;
  return TELLING.find(([, keywords]) => keywords.some((key) => key in schema))?.[0] ?? 'string';
}

function objectValue(given: Schema, place: Place): unknown {
  // A property that is there can bring further demands, which can bring further properties.
  let schema = given;
  for (let round = 0; ; round++) {
    const keys = keysOf(schema, place);
    const applied = Object.entries(dependentSchemas(schema)).filter(([key]) => keys.includes(key));
    if (applied.length === 0 || round === 3) {
      // Through entries, because a property named __proto__ would be lost in an assignment.
      return Object.fromEntries(keys.map((key) => [key, propertyValue(schema, key, place)]));
    }
    const rest = Object.fromEntries(Object.entries(dependentSchemas(schema)).filter(([key]) => !keys.includes(key)));
    const bare = { ...without(schema, 'dependentSchemas', 'dependencies'), dependentSchemas: rest };
    const demanded = applied.reduce<Schema>((sum, [, each]) => merged(sum, each), bare);
    const [simple] = simplified(demanded, place, 0);
    schema = simple ?? demanded;
  }
}

function propertyValue(schema: Schema, key: string, place: Place): unknown {
  const deeper = { ...place, depth: place.depth + 1, variant: 0, name: key || place.name };
  const schemas = schemasOf(schema, key).filter((each) => each !== true);
  return value(schemas.length === 0 ? { type: 'string' } : schemas.reduce(merged), deeper);
}

/** The names of the properties: those that are described or required, and further ones when there must be more. */
function keysOf(schema: Schema, place: Place): string[] {
  const required = listAt(schema, 'required').filter((key) => typeof key === 'string');
  const needed = new Set(required);
  const demands = { ...schemaAt(schema, 'dependencies'), ...schemaAt(schema, 'dependentRequired') };
  const most = numberAt(schema, 'maxProperties') ?? Infinity;
  const described = place.depth < FULL_DEPTH ? Object.keys(schemaAt(schema, 'properties')) : [];
  for (const key of described) {
    if (needed.size < most && isPossible(schema, key) && isNamed(schema, key, place)) needed.add(key);
  }
  for (const key of needed) for (const each of listAt(demands, key)) needed.add(String(each));
  const least = Math.min(numberAt(schema, 'minProperties') ?? 0, valuesLeft(place));
  for (const name of names(schema, place)) {
    if (needed.size >= least) break;
    if (isPossible(schema, name) && isNamed(schema, name, place)) needed.add(name);
  }
  return [...needed];
}

/** False for a property that the schema forbids. */
function isPossible(schema: Schema, key: string): boolean {
  return !schemasOf(schema, key).some(isForbidden);
}

function isForbidden(schema: unknown): boolean {
  return schema === false || (isSchema(schema) && (schema['not'] === true || equal(schema['not'], {})));
}

function isNamed(schema: Schema, name: string, { references }: Place): boolean {
  return !('propertyNames' in schema) || matches(schema['propertyNames'], name, references);
}

/** Names for properties that a schema does not name. */
function* names(schema: Schema, place: Place): Generator<string, void> {
  yield* Object.keys(schemaAt(schema, 'properties'));
  const patterns = Object.keys(schemaAt(schema, 'patternProperties')).flatMap((pattern) => patternText(pattern) ?? []);
  const ends = Array.from({ length: 1000 }, (_, i) => (i === 0 ? '' : String(i)));
  const named = schema['propertyNames'];
  for (const end of ends) {
    for (const pattern of patterns) yield `${pattern}${end}`;
    if (isSchema(named)) {
      const variant = end === '' ? 0 : Number(end);
      const name = value({ type: 'string', ...named }, { ...place, depth: place.depth + 1, name: 'name', variant });
      if (typeof name === 'string') yield* [name, `${name}${end}`];
    }
    yield `bench${end}`;
  }
}

function arrayValue(schema: Schema, place: Place): unknown[] {
  const [prefix, rest] = [prefixOf(schema), restOf(schema)];
  const contained = 'contains' in schema ? (numberAt(schema, 'minContains') ?? 1) : 0;
  const least = Math.max(whole(numberAt(schema, 'minItems')), contained);
  const forbidden = prefix.findIndex(isForbidden);
  const closed = forbidden !== -1 ? forbidden : rest === false ? prefix.length : Infinity;
  const wanted =
    place.depth < FULL_DEPTH ? Math.max(least, prefix.length, rest === false || contained > 0 ? 0 : 1) : least;
  const most = Math.min(numberAt(schema, 'maxItems') ?? Infinity, closed, valuesLeft(place));
  const items: unknown[] = [];
  for (let index = 0; index < Math.min(wanted, most); index++) {
    const described = index < prefix.length ? prefix[index] : rest;
    // What must be contained lies at the end, where no item has a schema of its own.
    const holds = index >= Math.min(wanted, most) - contained ? merged(described ?? {}, schema['contains']) : described;
    const item = itemValue(holds, index, items, schema['uniqueItems'] === true, place);
    if (item === undefined) break;
    items.push(item.found);
  }
  return items;
}

/** An item, unlike those before it where they must differ; undefined when there is none. */
function itemValue(schema: unknown, index: number, before: readonly unknown[], unique: boolean, place: Place) {
  const described = isSchema(schema) ? schema : { type: 'string' };
  const tries = unique ? before.length + 8 : 1;
  for (let i = 0; i < tries; i++) {
    const variant = unique ? index + i : 0;
    const found = value(described, { ...place, depth: place.depth + 1, variant });
    if (!unique || !before.some((each) => equal(each, found))) return { found };
  }
  return undefined;
}

function numberValue(schema: Schema, variant: number): number {
  const step = stepOf(schema);
  const low = Math.max(numberAt(schema, 'minimum') ?? -Infinity, above(numberAt(schema, 'exclusiveMinimum'), step));
  const high = Math.min(
    numberAt(schema, 'maximum') ?? Infinity,
    -above(negated(numberAt(schema, 'exclusiveMaximum')), step),
  );
  const near = Math.max(low, Math.min(1, high));
  if (step === undefined) return varied(near, 1, variant, low, high);
  const up = Math.ceil(near / step) * step;
  return varied(up <= high ? up : Math.floor(near / step) * step, step, variant, low, high);
}

function varied(from: number, step: number, variant: number, low: number, high: number): number {
  const [up, down] = [from + variant * step, from - variant * step];
  if (up <= high) return up;
  return down >= low ? down : from;
}

/** What the number must be a multiple of. */
function stepOf(schema: Schema): number | undefined {
  const step = numberAt(schema, 'multipleOf');
  if (step !== undefined && step > 0 && (Number.isInteger(step) || typeOf(schema) !== 'integer')) return step;
  return typeOf(schema) === 'integer' ? 1 : undefined;
}

/** The smallest number worth naming above a bound that is itself excluded. */
function above(bound: number | undefined, step: number | undefined): number {
  return bound === undefined ? -Infinity : bound + (step ?? Math.max(Math.abs(bound), 1) * 1e-6);
}

function negated(bound: number | undefined): number | undefined {
  return bound === undefined ? undefined : -bound;
}

function stringValue(schema: Schema, place: Place): string {
  const { format, pattern } = schema;
  const least = Math.min(whole(numberAt(schema, 'minLength')), valuesLeft(place) * CHARACTERS_A_VALUE);
  const most = numberAt(schema, 'maxLength') ?? Infinity;
  if (typeof pattern === 'string') {
    const text = patternText(pattern);
    if (text !== undefined) return text.length >= least ? text : text + text.slice(-1).repeat(least - text.length);
  }
  if (typeof format === 'string') {
    const text = formatText(format, least, most);
    if (text !== undefined) return text;
  }
  const end = place.variant === 0 ? '' : ` ${place.variant}`;
  const text = `bench ${place.name}${end}`.padEnd(least, ' bench');
  place.made.count += Math.floor(text.length / CHARACTERS_A_VALUE);
  if (most >= text.length) return text;
  return place.variant === 0
    ? Array.from(text).slice(0, most).join('')
    : String(place.variant).slice(0, most).padEnd(least, '0');
}

function valuesLeft({ made }: Place): number {
  return Math.max(0, MAX_VALUES - made.count);
}

function whole(candidate: number | undefined): number {
  return candidate === undefined || candidate < 0 ? 0 : Math.ceil(candidate);
}
