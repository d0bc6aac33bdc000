import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { roundBelow, scaleFor } from '#src/report/scale.js';

describe('scaleFor', () => {
  it('is linear from 0 as long as the values are within 20-fold', () => {
    const scale = scaleFor([10, 100]);
    assert.deepEqual([scale.kind, scale.from, scale.at(50), scale.at(100)], ['linear', 0, 0.5, 1]);
  });

  it('is logarithmic from a round value below the least otherwise', () => {
    const scale = scaleFor([10, 500]);
    assert.deepEqual([scale.kind, scale.from, scale.at(5), scale.at(500)], ['log', 5, 0, 1]);
    assert.ok(Math.abs(scale.at(50) - 0.5) < 1e-9);
  });

  it('keeps order and bounds', () => {
    const value = fc.double({ min: 0.01, max: 1e7, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: 2 }), (values) => {
        const scale = scaleFor(values);
        const places = values.toSorted((a, b) => a - b).map(scale.at);
        assert.ok(places.every((place, i) => place >= 0 && place <= 1 && place >= (places[i - 1] ?? 0)));
      }),
    );
    assert.equal(scaleFor([]).at(3), 0);
  });
});

describe('roundBelow', () => {
  it('gives 1, 2 or 5 times a power of ten, strictly below', () => {
    assert.deepEqual([240, 200, 100, 51, 7].map(roundBelow), [200, 100, 50, 50, 5]);
  });
});
