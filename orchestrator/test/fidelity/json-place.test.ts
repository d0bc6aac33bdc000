import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { firstStep, type Json, lastStep, leavesOf, valueAt, valuesOf, withValueAt } from '#src/fidelity/json-place.js';

test('a value is found and put where its place says', () => {
  const json: Json = { a: [{ b: 1 }, { c: [2, 3] }], d: null };
  assert.equal(valueAt(json, 'a[0].b'), 1);
  assert.deepEqual(valueAt(json, 'a[1].c'), [2, 3]);
  assert.equal(valueAt(json, 'a[2].b'), undefined);
  assert.equal(valueAt(json, 'd.e'), undefined);
  assert.equal(valueAt('text', 'length'), undefined);
  assert.deepEqual(withValueAt(json, 'a[0].e.f', true), { a: [{ b: 1, e: { f: true } }, { c: [2, 3] }], d: null });
  assert.deepEqual(withValueAt({}, 'g[0].h', 7), { g: [{ h: 7 }] });
  assert.deepEqual(withValueAt({ g: [1] }, 'g[3]', 4), { g: [1, 4] }, 'what was to stand between was left out');
});

test('leaves are what says something, lists of scalars as a whole', () => {
  assert.deepEqual(leavesOf({ a: 1, b: { c: 'x', d: null, e: [] }, f: [1, 2], g: [{ h: false }], i: {} }), [
    { place: 'a', value: 1 },
    { place: 'b.c', value: 'x' },
    { place: 'f', value: [1, 2] },
    { place: 'g[0].h', value: false },
  ]);
});

test('steps of a place', () => {
  assert.equal(firstStep('messages[0].content'), 'messages');
  assert.equal(lastStep('messages[0].content'), 'content');
  assert.equal(lastStep('a[3]'), '3');
});

test('every value stands where its place says', () => {
  const key = fc.stringMatching(/^[a-z_]{1,6}$/);
  const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      fc.integer(),
      fc.string(),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 3 }),
    ),
  }));
  fc.assert(
    fc.property(tree, (json) => {
      for (const { place, value } of valuesOf(json)) assert.deepEqual(valueAt(json, place), value);
      for (const { place, value } of leavesOf(json))
        assert.deepEqual(valueAt(withValueAt(json, place, value), place), value);
    }),
  );
});
