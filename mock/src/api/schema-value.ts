import { Content } from './content.js';

/** Optional properties and items are filled in down to this depth; below it only what the schema requires. */
const FULL_DEPTH = 4;
/** A schema that requires itself has no finite value; this is where the attempt ends. */
const MAX_DEPTH = 32;
/** A schema that requires itself many times over would grow without end; this many values are made at most. */
const MAX_VALUES = 10_000;
/** A long text counts as so many values as it has times this many characters. */
const CHARACTERS_A_VALUE = 64;

type Schema = Readonly<Record<string, unknown>>;

/**
 * A value that a JSON Schema allows, the same at every call. Of the schema language it follows what tools and structured
 * outputs use: type, enum, const, properties, required, items, prefixItems, bounds, formats, anyOf, oneOf, allOf and
 * `$ref` within the schema. `pattern`, `not`, `if` and `uniqueItems` are not obeyed.
 */
export function schemaValue(schema: unknown): unknown {
  return value(schema, { root: schema, depth: 0, name: 'value', made: { count: 0 } });
}

/** The same value as a text of the answer. */
export function jsonText(schema: unknown): Content {
  return Content.of(JSON.stringify(schemaValue(schema)));
}

interface Place {
  readonly root: unknown;
  readonly depth: number;
  /** The property's name, which text values repeat. */
  readonly name: string;
  /** Values made so far, of the whole schema. */
  readonly made: { count: number };
}

function value(schema: unknown, place: Place): unknown {
  if (!isSchema(schema) || place.depth > MAX_DEPTH || ++place.made.count > MAX_VALUES) return null;
  const deeper = { ...place, depth: place.depth + 1 };
  if (typeof schema['$ref'] === 'string') {
    return value({ ...lookUp(place.root, schema['$ref']), ...without(schema, '$ref') }, deeper);
  }
  if ('const' in schema) return schema['const'];
  if (isFilledArray(schema['enum'])) return schema['enum'][0];
  for (const choice of ['anyOf', 'oneOf']) {
    const options = schema[choice];
    if (!isFilledArray(options)) continue;
    const option = options.find((each) => !isNullType(each)) ?? options[0];
    return value(merged(without(schema, choice), option), deeper);
  }
  if (isFilledArray(schema['allOf'])) return value(schema['allOf'].reduce(merged, without(schema, 'allOf')), deeper);
  return typedValue(schema, place);
}

function typedValue(schema: Schema, place: Place): unknown {
  switch (typeOf(schema)) {
    case 'object':
      return objectValue(schema, place);
    case 'array':
      return arrayValue(schema, place);
    case 'integer':
    case 'number':
      return numberValue(schema);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return stringValue(schema, place);
  }
}

function typeOf(schema: Schema): unknown {
  const { type } = schema;
  if (Array.isArray(type)) return type.find((each) => each !== 'null') ?? 'null';
  if (type !== undefined) return type;
  if ('properties' in schema || 'required' in schema) return 'object';
  if ('items' in schema || 'prefixItems' in schema) return 'array';
  return 'minimum' in schema || 'maximum' in schema ? 'number' : 'string';
}

function objectValue(schema: Schema, place: Place): unknown {
  const properties = isSchema(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'].filter((key) => typeof key === 'string') : [];
  const keys = new Set(place.depth < FULL_DEPTH ? [...Object.keys(properties), ...required] : required);
  // Through entries, because a property named __proto__ would be lost in an assignment.
  return Object.fromEntries(
    Array.from(keys, (key) => {
      const described = Object.hasOwn(properties, key) ? properties[key] : schema['additionalProperties'];
      const deeper = { ...place, depth: place.depth + 1, name: key || place.name };
      return [key, value(isSchema(described) ? described : {}, deeper)];
    }),
  );
}

function arrayValue(schema: Schema, place: Place): unknown[] {
  const deeper = { ...place, depth: place.depth + 1 };
  const prefix = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : [];
  const least = Math.max(wholeNumber(schema['minItems'], 0), prefix.length);
  const wanted = place.depth < FULL_DEPTH && schema['items'] !== false ? Math.max(least, 1) : least;
  const length = Math.min(wanted, wholeNumber(schema['maxItems'], wanted), valuesLeft(place));
  const items = isSchema(schema['items']) ? schema['items'] : {};
  return Array.from({ length }, (_, index) => value(index < prefix.length ? prefix[index] : items, deeper));
}

function numberValue(schema: Schema): number {
  const step = stepOf(schema);
  const low = Math.max(finite(schema['minimum']) ?? -Infinity, above(finite(schema['exclusiveMinimum']), step));
  const high = Math.min(
    finite(schema['maximum']) ?? Infinity,
    -above(negated(finite(schema['exclusiveMaximum'])), step),
  );
  const near = Math.max(low, Math.min(1, high));
  if (step === undefined) return near;
  const up = Math.ceil(near / step) * step;
  return up <= high ? up : Math.floor(near / step) * step;
}

/** What the number must be a multiple of. */
function stepOf(schema: Schema): number | undefined {
  const step = finite(schema['multipleOf']);
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

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2024-01-01T00:00:00Z',
  date: '2024-01-01',
  time: '00:00:00Z',
  duration: 'PT1S',
  email: 'bench@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
};

function stringValue(schema: Schema, place: Place): string {
  const { format } = schema;
  if (typeof format === 'string' && Object.hasOwn(FORMATS, format)) return FORMATS[format] as string;
  const least = Math.min(wholeNumber(schema['minLength'], 0), valuesLeft(place) * CHARACTERS_A_VALUE);
  const text = `bench ${place.name}`.padEnd(least, ' bench');
  place.made.count += Math.floor(text.length / CHARACTERS_A_VALUE);
  const longest = schema['maxLength'];
  return typeof longest === 'number' ? Array.from(text).slice(0, longest).join('') : text;
}

function valuesLeft({ made }: Place): number {
  return Math.max(0, MAX_VALUES - made.count);
}

/** What a `$ref` within the schema points to (RFC 6901); nothing for one that leads out of it or nowhere. */
function lookUp(root: unknown, ref: string): Schema {
  if (!ref.startsWith('#')) return {};
  let found = root;
  for (const step of ref.slice(1).split('/').slice(1)) {
    const key = decodeStep(step);
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return {};
    found = (found as Schema)[key];
  }
  return isSchema(found) ? found : {};
}

function decodeStep(step: string): string {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return step;
  }
}

/** One schema that asks for what both ask for, as far as that is simple. */
function merged(one: unknown, other: unknown): Schema {
  const [a, b] = [isSchema(one) ? one : {}, isSchema(other) ? other : {}];
  const both: Record<string, unknown> = { ...a, ...b };
  if (isSchema(a['properties']) && isSchema(b['properties'])) {
    both['properties'] = { ...a['properties'], ...b['properties'] };
  }
  if (Array.isArray(a['required']) && Array.isArray(b['required'])) {
    both['required'] = [...(a['required'] as unknown[]), ...(b['required'] as unknown[])];
  }
  return both;
}

function without(schema: Schema, key: string): Schema {
  const { [key]: _dropped, ...rest } = schema;
  return rest;
}

function isSchema(candidate: unknown): candidate is Schema {
  return typeof candidate === 'object' && candidate !== null && !Array.isArray(candidate);
}

function isNullType(schema: unknown): boolean {
  return isSchema(schema) && schema['type'] === 'null';
}

function isFilledArray(candidate: unknown): candidate is unknown[] {
  return Array.isArray(candidate) && candidate.length > 0;
}

function finite(candidate: unknown): number | undefined {
  return typeof candidate === 'number' && Number.isFinite(candidate) ? candidate : undefined;
}

function wholeNumber(candidate: unknown, otherwise: number): number {
  return typeof candidate === 'number' && candidate >= 0 ? Math.ceil(candidate) : otherwise;
}
