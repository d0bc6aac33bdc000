import { matchesPattern } from './pattern-text.js';
import type { References } from './references.js';
import { equal, isSchema, listAt, numberAt, schemaAt, type Schema } from './schema.js';

const MAX_DEPTH = 64;

/**
 * Whether a schema allows a value: what the generator asks when a schema has several ways to be obeyed, or forbids something. Formats
 * and `unevaluated…` are not looked at; texts of a format are made right.
 */
export function matches(schema: unknown, value: unknown, references: References, depth = 0): boolean {
  if (!isSchema(schema) || depth > MAX_DEPTH || references.exhausted()) return schema !== false;
  const allows = (inner: unknown, other: unknown = value) => matches(inner, other, references, depth + 1);
  if (typeof schema['$ref'] === 'string' && !allows(references.find(schema['$ref']))) return false;
  if ('const' in schema && !equal(schema['const'], value)) return false;
  if (Array.isArray(schema['enum']) && !schema['enum'].some((each) => equal(each, value))) return false;
  if (!hasType(schema['type'], value)) return false;
  if ('allOf' in schema && !listAt(schema, 'allOf').every((each) => allows(each))) return false;
  if ('anyOf' in schema && !listAt(schema, 'anyOf').some((each) => allows(each))) return false;
  if ('oneOf' in schema && listAt(schema, 'oneOf').filter((each) => allows(each)).length !== 1) return false;
  if ('not' in schema && allows(schema['not'])) return false;
  if ('if' in schema && !allows(allows(schema['if']) ? schema['then'] : schema['else'])) return false;
  if (typeof value === 'number') return matchesNumber(schema, value);
  if (typeof value === 'string') return matchesText(schema, value);
  if (Array.isArray(value)) return matchesArray(schema, value, allows);
  return isSchema(value) ? matchesObject(schema, value, allows) : true;
}

type Allows = (schema: unknown, value: unknown) => boolean;

function hasType(type: unknown, value: unknown): boolean {
  if (type === undefined) return true;
  const types: unknown[] = Array.isArray(type) ? type : [type];
  return types.some((each) => {
    switch (each) {
      case 'object':
        return isSchema(value);
      case 'array':
        return Array.isArray(value);
      case 'integer':
        return Number.isInteger(value);
      case 'null':
        return value === null;
      default:
        return typeof value === each;
    }
  });
}

function matchesNumber(schema: Schema, value: number): boolean {
  const step = numberAt(schema, 'multipleOf');
  return (
    value >= (numberAt(schema, 'minimum') ?? -Infinity) &&
    value <= (numberAt(schema, 'maximum') ?? Infinity) &&
    value > (numberAt(schema, 'exclusiveMinimum') ?? -Infinity) &&
    value < (numberAt(schema, 'exclusiveMaximum') ?? Infinity) &&
    (step === undefined || step <= 0 || Math.abs(value / step - Math.round(value / step)) < 1e-9)
  );
}

function matchesText(schema: Schema, value: string): boolean {
  const length = Array.from(value).length;
  if (length < (numberAt(schema, 'minLength') ?? 0) || length > (numberAt(schema, 'maxLength') ?? Infinity))
    return false;
  return typeof schema['pattern'] !== 'string' || matchesPattern(schema['pattern'], value);
}

function matchesArray(schema: Schema, value: readonly unknown[], allows: Allows): boolean {
  if (value.length < (numberAt(schema, 'minItems') ?? 0) || value.length > (numberAt(schema, 'maxItems') ?? Infinity)) {
    return false;
  }
  const prefix = prefixOf(schema);
  const rest = restOf(schema);
  if (!value.every((each, i) => allows(i < prefix.length ? prefix[i] : rest, each))) return false;
  if (
    schema['uniqueItems'] === true &&
    value.some((each, i) => value.slice(0, i).some((other) => equal(each, other)))
  ) {
    return false;
  }
  if (!('contains' in schema)) return true;
  const found = value.filter((each) => allows(schema['contains'], each)).length;
  return found >= (numberAt(schema, 'minContains') ?? 1) && found <= (numberAt(schema, 'maxContains') ?? Infinity);
}

/** The schemas of the first items; before 2020-12 they stood in `items`. */
export function prefixOf(schema: Schema): readonly unknown[] {
  return Array.isArray(schema['items']) ? schema['items'] : listAt(schema, 'prefixItems');
}

/** The schema of the items behind those. */
export function restOf(schema: Schema): unknown {
  return Array.isArray(schema['items']) ? schema['additionalItems'] : schema['items'];
}

function matchesObject(schema: Schema, value: Schema, allows: Allows): boolean {
  const keys = Object.keys(value);
  if (keys.length < (numberAt(schema, 'minProperties') ?? 0)) return false;
  if (keys.length > (numberAt(schema, 'maxProperties') ?? Infinity)) return false;
  if (!listAt(schema, 'required').every((key) => typeof key !== 'string' || Object.hasOwn(value, key))) return false;
  for (const [key, needs] of Object.entries({
    ...schemaAt(schema, 'dependencies'),
    ...schemaAt(schema, 'dependentRequired'),
  })) {
    const missing = Array.isArray(needs) && needs.some((need) => !Object.hasOwn(value, String(need)));
    if (Object.hasOwn(value, key) && missing) return false;
  }
  for (const [key, inner] of Object.entries(dependentSchemas(schema))) {
    if (Object.hasOwn(value, key) && !allows(inner, value)) return false;
  }
  return keys.every(
    (key) =>
      (!('propertyNames' in schema) || allows(schema['propertyNames'], key)) &&
      schemasOf(schema, key).every((each) => allows(each, value[key])),
  );
}

/** Schemas that hold when a property is there. */
export function dependentSchemas(schema: Schema): Schema {
  const older = Object.entries(schemaAt(schema, 'dependencies')).filter(([, each]) => !Array.isArray(each));
  return { ...Object.fromEntries(older), ...schemaAt(schema, 'dependentSchemas') };
}

/** The schemas that hold for a property of this name. */
export function schemasOf(schema: Schema, key: string): unknown[] {
  const properties = schemaAt(schema, 'properties');
  const own = Object.hasOwn(properties, key) ? [properties[key]] : [];
  const byPattern = Object.entries(schemaAt(schema, 'patternProperties'))
    .filter(([pattern]) => matchesPattern(pattern, key))
    .map(([, each]) => each);
  const found = [...own, ...byPattern];
  return found.length > 0 || !('additionalProperties' in schema) ? found : [schema['additionalProperties']];
}
