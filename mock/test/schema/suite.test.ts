import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { schemaValue } from '#src/schema/schema-value.js';

interface Suited {
  readonly file: string;
  readonly description: string;
  readonly schema: object | boolean;
}

const suite = readFileSync(new URL('../../test/fixtures/json-schema-suite.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Suited);

/** What the generator does not look at, and schemas that lie elsewhere; docs/mock-api.md says so. */
const NOT_OBEYED = /"unevaluated|json-schema\.org/;

function judge(schema: object | boolean, value: unknown): string {
  const ajv = new Ajv2020({ strict: false, logger: false });
  formats.default(ajv);
  return ajv.validate(schema, value) ? '' : ajv.errorsText();
}

describe('a value that a schema allows, judged by ajv, over the JSON Schema Test Suite', () => {
  it('has schemas to judge', () => assert.ok(suite.length > 280));

  for (const { file, description, schema } of suite.filter((each) => !NOT_OBEYED.test(JSON.stringify(each.schema)))) {
    it(`${file}: ${description}`, () => {
      const value = schemaValue(schema);
      assert.equal(judge(schema, value), '', JSON.stringify(value));
    });
  }
});

describe('schemas that refer to themselves several times over', () => {
  const twice = (key: string) => ({
    $defs: { a: { [key]: [{ $ref: '#/$defs/a' }, { $ref: '#/$defs/a' }] } },
    $ref: '#/$defs/a',
  });
  for (const schema of [
    twice('anyOf'),
    twice('oneOf'),
    twice('allOf'),
    {
      type: 'object',
      properties: { a: { $ref: '#' }, b: { $ref: '#' }, c: { not: { $ref: '#' } } },
      required: ['a', 'b', 'c'],
    },
    { not: { $ref: '#' } },
    JSON.parse('{"if":{"$ref":"#"},"then":{"$ref":"#"},"else":{"$ref":"#"}}') as object,
  ]) {
    it(`come to an end: ${JSON.stringify(schema)}`, () =>
      assert.doesNotThrow(() => JSON.stringify(schemaValue(schema))));
  }
});

describe('schemas as tools have them', () => {
  const A = { type: 'object', properties: { a: { const: 1 } }, required: ['a'] };
  const schemas: Readonly<Record<string, object>> = {
    'a $ref without its #': { $defs: { A }, properties: { x: { $ref: '/$defs/A' } }, required: ['x'] },
    'an $anchor': { $defs: { A: { ...A, $anchor: 'here' } }, properties: { x: { $ref: '#here' } }, required: ['x'] },
    'a relative $id': {
      $id: 'https://example.com/root.json',
      $defs: { A: { ...A, $id: 'a.json' } },
      properties: { x: { $ref: 'a.json' } },
      required: ['x'],
    },
    minProperties: { type: 'object', minProperties: 3, properties: { a: { type: 'integer' } } },
    'minProperties by pattern': {
      type: 'object',
      minProperties: 4,
      patternProperties: { '^[a-z]{3}_\\d+$': { type: 'integer' } },
      additionalProperties: false,
    },
    propertyNames: { type: 'object', minProperties: 2, propertyNames: { pattern: '^x-', minLength: 5 } },
    'propertyNames from a list': { type: 'object', minProperties: 2, propertyNames: { enum: ['left', 'right'] } },
    contains: { type: 'array', items: { type: 'integer' }, contains: { minimum: 5 }, minContains: 2, minItems: 4 },
    dependentSchemas: {
      type: 'object',
      properties: { card: { type: 'string' } },
      required: ['card'],
      dependentSchemas: { card: { properties: { address: { type: 'string', minLength: 9 } }, required: ['address'] } },
    },
    'overlapping oneOf': { oneOf: [{ type: 'number' }, { type: 'integer' }] },
    'oneOf of objects that share members': {
      oneOf: [
        { type: 'object', properties: { kind: { type: 'string' } }, required: ['kind'] },
        { type: 'object', properties: { kind: { const: 'b' }, n: { type: 'integer' } }, required: ['kind', 'n'] },
      ],
    },
    'format with lengths': {
      type: 'object',
      properties: {
        mail: { type: 'string', format: 'email', minLength: 40 },
        short: { type: 'string', format: 'email', maxLength: 8 },
        link: { type: 'string', format: 'uri', minLength: 60, maxLength: 80 },
        host: { type: 'string', format: 'hostname', minLength: 100 },
        at: { type: 'string', format: 'date-time', minLength: 24 },
      },
      required: ['mail', 'short', 'link', 'host', 'at'],
    },
    pattern: { type: 'string', pattern: '^[A-Z]{2}-(?:\\d{4}|x+)[^a-c]$' },
    not: { type: 'string', not: { enum: ['bench value'] } },
    // As text, because an object with a member `then` is taken for a promise.
    'if and else': JSON.parse(
      '{"type":"object","properties":{"kind":{"enum":["a","b"]},"n":{"type":"integer"}},"required":["kind"],' +
        '"if":{"properties":{"kind":{"const":"a"}}},"then":{"required":["n"]}}',
    ) as object,
    uniqueItems: { type: 'array', items: { type: 'string', maxLength: 3 }, minItems: 5, uniqueItems: true },
    'a tree of itself': {
      $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' }, v: { type: 'integer' } } } },
      $ref: '#/$defs/node',
    },
    'allOf that narrows': {
      allOf: [{ type: 'integer', minimum: 3 }, { maximum: 5 }, { multipleOf: 2 }, { multipleOf: 4 }],
    },
  };
  for (const [name, schema] of Object.entries(schemas)) {
    it(name, () => {
      const value = schemaValue(schema);
      // The reference as one library writes it is none that a validator knows.
      const judged = JSON.parse(JSON.stringify(schema).replaceAll('"/$defs', '"#/$defs')) as object;
      assert.equal(judge(judged, value), '', JSON.stringify(value));
      assert.deepEqual(schemaValue(schema), value, 'the same at every call');
    });
  }
});
