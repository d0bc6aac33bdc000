import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countLeaves, differences } from '#src/record/differences.js';

test('a value does not differ from itself, and a changed leaf is the only difference', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), (value, key) => {
      const [plain, other] = [JSON.parse(JSON.stringify(value)), JSON.parse(JSON.stringify(value))];
      assert.deepEqual(differences(plain, other), []);
      const found = differences({ [key]: plain, changed: 1 }, { [key]: other, changed: 2 });
      assert.equal(found.length, key === 'changed' ? found.length : 1);
    }),
  );
});

test('what is missing on either side is a difference, and null is not nothing', () => {
  assert.deepEqual(differences({ a: 1 }, {}), [{ field: 'a', written: '1', expected: undefined }]);
  assert.deepEqual(differences({}, { a: null }), [{ field: 'a', written: undefined, expected: 'null' }]);
  assert.deepEqual(differences([1, 2], [1]), [{ field: '[1]', written: '2', expected: undefined }]);
  assert.deepEqual(differences([], {}), [{ field: '', written: '[]', expected: '{}' }]);
});

test('rows are named by what they are of', () => {
  const row = (p50: number) => [{ target: 'a', scenario: 's', level: { kind: 'rps', value: 5 }, p50 }];
  assert.equal(differences(row(1), row(2))[0]?.field, '[a s 5 rps].p50');
});

test('leaves are counted', () => {
  assert.equal(countLeaves({ a: [1, 2, { b: null }], c: 'x' }), 4);
});
