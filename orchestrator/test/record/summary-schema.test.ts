import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summaryJsonSchema } from '#src/record/summary-schema.js';
import { assertFile } from '../golden.js';

test('the published schema of summary.json is what the code accepts', () => {
  assertFile('schema/summary.schema.json', `${JSON.stringify(summaryJsonSchema(), null, 2)}\n`);
});

test('the schema names every field of the contract and allows no other', () => {
  const schema = summaryJsonSchema();
  assert.deepEqual(schema['required'], ['schemaVersion', 'run', 'noiseFloor', 'cells', 'ranking', 'findings']);
  assert.equal(schema['additionalProperties'], false);
});
