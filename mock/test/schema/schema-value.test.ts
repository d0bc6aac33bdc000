import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { z } from 'zod';
import { schemaValue } from '#src/schema/schema-value.js';

type Schema = Record<string, unknown>;

const key = fc.stringMatching(/^[a-z_]{1,8}$/);
const bounds = fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 50 }));

const leaf: fc.Arbitrary<Schema> = fc.oneof(
  fc.record({ type: fc.constant('string'), description: fc.string() }),
  fc.tuple(fc.nat(5), fc.nat(30)).map(([low, more]) => ({ type: 'string', minLength: low, maxLength: low + more })),
  fc.constantFrom('date-time', 'date', 'email', 'uuid', 'uri', 'ipv4').map((format) => ({ type: 'string', format })),
  bounds.map(([low, more]) => ({ type: 'integer', minimum: low, maximum: low + more })),
  bounds.map(([low, more]) => ({ type: 'number', exclusiveMinimum: low, maximum: low + more + 1 })),
  fc.integer({ min: 1, max: 9 }).map((step) => ({ type: 'integer', multipleOf: step, minimum: 10 })),
  fc.constant({ type: 'boolean' }),
  fc.constant({ type: 'null' }),
  fc.array(fc.oneof(fc.string(), fc.integer()), { minLength: 1 }).map((choices) => ({ enum: choices })),
  fc.string().map((value) => ({ const: value })),
);

const { schema } = fc.letrec<{ schema: Schema; object: Schema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    tie('object'),
    fc.tuple(tie('schema'), fc.nat(3)).map(([items, minItems]) => ({ type: 'array', items, minItems })),
    fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
  ),
  object: fc.dictionary(key, tie('schema'), { maxKeys: 4 }).chain((properties) =>
    fc.subarray(Object.keys(properties)).map((required) => ({
      type: 'object',
      properties,
      required,
      additionalProperties: false,
    })),
  ),
}));

describe('schemaValue', () => {
  it('makes a value that an independent validator accepts', () => {
    fc.assert(
      fc.property(schema, (described) => {
        const made = schemaValue(described);
        const verdict = z.fromJSONSchema(described).safeParse(made);
        assert.ok(verdict.success, `${JSON.stringify(made)}: ${verdict.error?.message}`);
      }),
      { numRuns: 500 },
    );
  });

  it('is the same at every call', () => {
    fc.assert(fc.property(schema, (described) => assert.deepEqual(schemaValue(described), schemaValue(described))));
  });

  it('makes something of anything, and it is JSON', () => {
    fc.assert(fc.property(fc.jsonValue(), (anything) => void JSON.parse(JSON.stringify(schemaValue(anything)))));
  });

  it('follows references', () => {
    const described = {
      type: 'object',
      properties: { place: { $ref: '#/$defs/place' } },
      required: ['place'],
      $defs: { place: { type: 'object', properties: { city: { enum: ['Bern'] } }, required: ['city'] } },
    };
    assert.deepEqual(schemaValue(described), { place: { city: 'Bern' } });
  });

  it('joins what allOf asks for', () => {
    const described = {
      allOf: [
        { type: 'object', properties: { a: { const: 1 } }, required: ['a'] },
        { properties: { b: { const: 2 } }, required: ['b'] },
      ],
    };
    assert.deepEqual(schemaValue(described), { a: 1, b: 2 });
  });

  const node = (next: Schema): Schema => ({ type: 'object', properties: { next }, required: ['next'] });
  const branches = (of: Schema): Schema => ({ type: 'object', properties: { a: of, b: of }, required: ['a', 'b'] });
  const itself = { $ref: '#/$defs/Node' };
  const trees: Record<string, Schema> = {
    'a list': { ...itself, $defs: { Node: node({ anyOf: [itself, { type: 'null' }] }) } },
    'an expression': { anyOf: [branches({ $ref: '#' }), { type: 'number' }] },
    'a tree whose type may be null': { ...itself, $defs: { Node: { ...branches(itself), type: ['object', 'null'] } } },
    'a tree that ends in a leaf that is referred to': {
      ...itself,
      $defs: {
        Node: { type: 'array', minItems: 2, items: { oneOf: [itself, { $ref: '#/$defs/Leaf' }] } },
        Leaf: { type: 'object', properties: { kind: { const: 'leaf' } }, required: ['kind'] },
      },
    },
  };
  for (const [name, tree] of Object.entries(trees)) {
    it(`brings ${name} to an end that is valid and small`, () => {
      const made = schemaValue(tree);
      const ajv = new Ajv2020({ strict: false, logger: false });
      assert.ok(ajv.validate(tree, made), ajv.errorsText());
      assert.ok(JSON.stringify(made).length < 1000, JSON.stringify(made).slice(0, 200));
    });
  }

  it('ends with a schema that has no finite value, however often it requires itself', () => {
    const again = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`p${i}`, { $ref: '#' }]));
    assert.ok(
      JSON.stringify(schemaValue({ type: 'object', properties: again, required: Object.keys(again) })).length > 0,
    );
  });

  it('stays small when a schema asks for more than anyone could read', () => {
    const text = { type: 'string', minLength: 1e9 };
    const row = { type: 'array', items: text, minItems: 1e9 };
    const made = JSON.stringify(schemaValue({ type: 'array', items: row, minItems: 1e9 }));
    assert.ok(made.length < 2_000_000, `${made.length} characters`);
  });
});
