/** A JSON Schema that is an object. */
export type Schema = Readonly<Record<string, unknown>>;

/** True for a schema that is an object. */
export function isSchema(candidate: unknown): candidate is Schema {
  return typeof candidate === 'object' && candidate !== null && !Array.isArray(candidate);
}

/** The member as a schema object; an empty one, which allows everything, when it is something else. */
export function schemaAt(schema: Schema, key: string): Schema {
  const found = schema[key];
  return isSchema(found) ? found : {};
}

/** The member as an array, empty when it is none. */
export function listAt(schema: Schema, key: string): readonly unknown[] {
  const found = schema[key];
  return Array.isArray(found) ? found : [];
}

/** The member as a number that is finite. */
export function numberAt(schema: Schema, key: string): number | undefined {
  const found = schema[key];
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
}

/** The schema without one member. */
export function without(schema: Schema, ...keys: readonly string[]): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => !keys.includes(key)));
}

/** The same JSON value, members in whatever order. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [one, other] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && equal(one[key], other[key]))
  );
}

/** One schema that asks for what both ask for, as far as one can. */
export function merged(one: unknown, other: unknown): Schema {
  if (one === false || other === false) return { not: {} };
  const [a, b] = [isSchema(one) ? one : {}, isSchema(other) ? other : {}];
  const both: Record<string, unknown> = { ...a, ...b };
  for (const key of Object.keys(a)) if (Object.hasOwn(b, key)) both[key] = mergedMember(key, a[key], b[key]);
  const kept = Object.keys(both).filter((key) => both[key] !== CONFLICT);
  if (kept.length === Object.keys(both).length) return both;
  // What cannot be said in one member is said beside the others.
  const apart = Object.keys(both).filter((key) => both[key] === CONFLICT);
  const rest = Object.fromEntries(kept.map((key) => [key, both[key]]));
  const beside = apart.map((key) => ({ [key]: b[key] }));
  for (const key of apart) rest[key] = a[key];
  return { ...rest, allOf: [...listAt(rest, 'allOf'), ...beside] };
}

const CONFLICT = Symbol('conflict');

function mergedMember(key: string, a: unknown, b: unknown): unknown {
  if (equal(a, b)) return a;
  switch (key) {
    case 'properties':
    case 'patternProperties':
    case '$defs':
    case 'definitions':
    case 'dependentSchemas':
      return mergedSchemas(a, b);
    case 'items':
    case 'additionalProperties':
    case 'propertyNames':
      return a === false || b === false ? false : merged(a, b);
    case 'required':
      return [...new Set([...(a as unknown[]), ...(b as unknown[])])];
    case 'allOf':
      return [...(a as unknown[]), ...(b as unknown[])];
    case 'enum':
      return (a as unknown[]).filter((each) => (b as unknown[]).some((other) => equal(each, other)));
    case 'type':
      return mergedTypes(a, b);
    case 'minimum':
    case 'exclusiveMinimum':
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return Math.max(Number(a), Number(b));
    case 'maximum':
    case 'exclusiveMaximum':
    case 'maxLength':
    case 'maxItems':
    case 'maxProperties':
      return Math.min(Number(a), Number(b));
    case 'not':
      return { anyOf: [a, b] };
    case 'anyOf':
    case 'oneOf':
    case 'contains':
    case 'pattern':
      return CONFLICT;
    case 'multipleOf':
      return Number.isInteger(a) && Number.isInteger(b) ? leastMultiple(a as number, b as number) : CONFLICT;
    case 'if':
      return CONFLICT;
    default:
      return b;
  }
}

function leastMultiple(a: number, b: number): number {
  let [divisor, rest] = [a, b];
  while (rest !== 0) [divisor, rest] = [rest, divisor % rest];
  return Math.abs((a * b) / (divisor || 1));
}

function mergedSchemas(a: unknown, b: unknown): Schema {
  const [one, other] = [isSchema(a) ? a : {}, isSchema(b) ? b : {}];
  const entries = [...new Set([...Object.keys(one), ...Object.keys(other)])].map((key) => [
    key,
    Object.hasOwn(one, key) && Object.hasOwn(other, key)
      ? merged(one[key], other[key])
      : Object.hasOwn(one, key)
        ? one[key]
        : other[key],
  ]);
  return Object.fromEntries(entries) as Schema;
}

function mergedTypes(a: unknown, b: unknown): unknown {
  const [one, other] = [a, b].map((type) => (Array.isArray(type) ? type : [type]) as unknown[]);
  const both = (one ?? []).flatMap((type) => {
    if (other?.includes(type) === true) return [type];
    const integer =
      (type === 'integer' && other?.includes('number')) || (type === 'number' && other?.includes('integer'));
    return integer === true ? ['integer'] : [];
  });
  return both.length === 1 ? both[0] : both;
}
