import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { holm } from '#src/analyse/holm.js';
import { placesOf } from '#src/analyse/ranking.js';
import { lehmer, normal } from './synthetic-run.js';

function contender(target: string, ...values: number[]) {
  return { target, byBlock: new Map(values.map((value, i) => [i + 1, value])) };
}

function named(places: ReturnType<typeof placesOf>): string[] {
  return places.map(({ place, targets }) => `${place} ${targets.join(',')}`);
}

describe('holm', () => {
  it('compares the smallest with 0.05/n, the next with 0.05/(n − 1), and stops at the first that fails', () => {
    // The example of Holm's method in any textbook: 0.0125, 0.0167, 0.025, 0.05.
    assert.deepEqual(holm([0.01, 0.04, 0.03, 0.005]), [true, false, false, true]);
    assert.deepEqual(holm([0.04]), [true]);
    assert.deepEqual(holm([0.03, 0.03]), [false, false]);
    assert.deepEqual(holm([]), []);
  });

  it('never tells apart what a single comparison would not', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (pValues) =>
        holm(pValues).every((told, i) => !told || (pValues[i] as number) <= 0.05),
      ),
    );
  });
});

describe('placesOf', () => {
  it('puts gateways that differ far beyond their spread in places of their own', () => {
    const places = placesOf(
      [
        contender('slow', 900, 910, 905, 899),
        contender('fast', 100, 101, 99, 100),
        contender('mid', 400, 402, 399, 401),
      ],
      5,
    );
    assert.deepEqual(named(places), ['1 fast', '2 mid', '3 slow']);
  });

  it('shares a place, counts the next behind all of it, and keeps the plan’s order within', () => {
    const places = placesOf(
      [contender('b', 102, 98, 101, 99), contender('slow', 500, 501, 499, 500), contender('a', 99, 101, 100, 100)],
      1,
    );
    assert.deepEqual(named(places), ['1 b,a', '3 slow']);
  });

  it('makes one place of a chain whose ends differ but whose neighbours cannot be told apart', () => {
    const places = placesOf(
      [contender('a', 100, 100, 100), contender('b', 120, 120, 120), contender('c', 140, 140, 140)],
      30,
    );
    assert.deepEqual(named(places), ['1 a,b,c']);
  });

  it('calls nothing different within the floor, below 3 %, from one block, or without a floor', () => {
    const [one, other] = [contender('a', 1000, 1000, 1000), contender('b', 1020, 1020, 1020)];
    assert.deepEqual(named(placesOf([one, other], 30)), ['1 a,b']);
    assert.deepEqual(named(placesOf([one, other], 1)), ['1 a,b']);
    assert.deepEqual(named(placesOf([contender('a', 1), contender('b', 1000)], 1)), ['1 a,b']);
    assert.deepEqual(named(placesOf([contender('a', 1, 1), contender('b', 1000, 1000)], null)), ['1 a,b']);
  });

  it('pairs by block: a drift that all share does not hide a difference', () => {
    const places = placesOf([contender('b', 150, 350, 550), contender('a', 100, 300, 500)], 5);
    assert.deepEqual(named(places), ['1 a', '2 b']);
  });

  it('does not depend on the order of the gateways, nor on the unit', () => {
    const value = fc.integer({ min: 50, max: 400 });
    const contenders = fc.array(fc.array(value, { minLength: 3, maxLength: 3 }), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(contenders, (all) => {
        const given = all.map((values, i) => contender(`t${i}`, ...values));
        const sets = (places: ReturnType<typeof placesOf>) =>
          places.map(({ place, targets }) => [place, targets.toSorted()]);
        const expected = sets(placesOf(given, 10));
        assert.deepEqual(sets(placesOf(given.toReversed(), 10)), expected);
        const doubled = all.map((values, i) => contender(`t${i}`, ...values.map((v) => v * 2)));
        assert.deepEqual(sets(placesOf(doubled, 20)), expected);
      }),
    );
  });

  it('gives equal gateways different places in at most 5 % of simulated families', () => {
    const random = lehmer(3);
    for (const blocks of [2, 3, 6]) {
      let wrong = 0;
      for (let run = 0; run < 400; run += 1) {
        const equal = ['a', 'b', 'c', 'd'].map((name) =>
          contender(name, ...Array.from({ length: blocks }, () => 1000 * Math.exp(0.1 * normal(random)))),
        );
        // A floor of 0: what gateways far noisier than direct have.
        if (placesOf(equal, 0).length > 1) wrong += 1;
      }
      // 5 % of 400 is 20; more than 33 would be chance once in a thousand.
      assert.ok(wrong <= 33, `${wrong} of 400 with ${blocks} blocks`);
    }
  });
});
