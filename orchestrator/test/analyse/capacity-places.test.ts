import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { capacityPlaces } from '#src/analyse/capacity-places.js';

type Ends = Parameters<typeof capacityPlaces>[0][number];

const found = (low: number, high: number): Ends => ({ state: 'found', low, high, limit: 'cpu' });

it('ranges that lie apart have letters of their own, the highest capacity first', () => {
  assert.deepEqual(capacityPlaces([found(100, 120), found(900, 1000), found(300, 400)]), ['c', 'a', 'b']);
});

it('ranges that overlap share one, and nobody is chained to another through a third', () => {
  assert.deepEqual(capacityPlaces([found(100, 200), found(150, 300), found(200, 400)]), ['b', 'ab', 'a']);
});

it('what ends where the instrument or the machine gave way may end anywhere above', () => {
  const shared: Ends = { state: 'at-least', low: 500, high: 600, limit: 'machine' };
  assert.deepEqual(capacityPlaces([shared, found(800, 900), found(100, 500)]), ['a', 'a', 'b']);
});

it('none is below whatever held at that rate, and what was not settled has no place', () => {
  const none: Ends = { state: 'none', low: null, high: 100, limit: 'cpu' };
  const failed: Ends = { state: 'failed', low: null, high: null, limit: null };
  const unsettled: Ends = { state: 'unsettled', low: 100, high: null, limit: null };
  assert.deepEqual(capacityPlaces([none, failed, unsettled, found(100, 200)]), ['b', null, null, 'a']);
  assert.deepEqual(capacityPlaces([found(1, 2), failed]), [null, null]);
});

it('two share a letter exactly when their ranges overlap, in any order', () => {
  const range = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 30 }));
  fc.assert(
    fc.property(fc.array(range, { minLength: 2, maxLength: 9 }), (ranges) => {
      const all = ranges.map(([low, width]) => found(low, low + width));
      const places = capacityPlaces(all).map((place) => new Set(place));
      for (const [i, one] of all.entries())
        for (const [j, other] of all.entries()) {
          if (i === j) continue;
          const overlaps = (one.low ?? 0) < (other.high ?? 0) && (other.low ?? 0) < (one.high ?? 0);
          assert.equal(
            [...(places[i] ?? [])].some((letter) => places[j]?.has(letter)),
            overlaps,
          );
        }
    }),
  );
});
