import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { Ranking } from '#src/record/summary.js';
import { type Medians, summaryOf } from './bare-run.js';
import { lehmer, normal } from './synthetic-run.js';

function rankingOf(medians: Medians): Ranking {
  const { ranking } = summaryOf({ 'chat-minimal': medians });
  return ranking.find(({ quantile }) => quantile === 'p50') ?? assert.fail();
}

function lettered(ranking: Ranking): string {
  return ranking.places.map(({ target, letters }) => `${target} ${letters}`).join(' · ');
}

describe('places', () => {
  it('give gateways that differ far beyond their spread letters of their own, the fastest first', () => {
    const ranking = rankingOf({ slow: [900, 910, 905, 899], fast: [100, 101, 99, 100], mid: [400, 402, 399, 401] });
    assert.equal(lettered(ranking), 'fast a · mid b · slow c');
    assert.equal(ranking.places[0]?.valueUs, 100);
  });

  it('share a letter where nothing is told, also between the neighbours of a chain whose ends are told', () => {
    assert.equal(
      lettered(rankingOf({ b: [102, 98, 101, 99], slow: [500, 501, 499, 500], a: [99, 101, 100, 100] })),
      'b a · a a · slow b',
    );
    // The ends differ by 21 % in every block; the middle one is now like the one, now like the other.
    const chain = { a: [100, 101, 100, 99], b: [95, 125, 105, 120], c: [121, 122, 120, 121] };
    assert.equal(lettered(rankingOf(chain)), 'a a · b ab · c b');
  });

  it('tell each pair by its own blocks: an erratic third blurs neither', () => {
    // One scenario of four: nothing is lent, so that the pairs stand for themselves.
    const medians = {
      fast: [400, 410, 390, 405, 395, 400],
      slow: [1200, 1230, 1190, 1210, 1195, 1205],
      erratic: [1900, 30_000, 2400, 10_000, 60_000, 1700],
    };
    const { places, pairs } = rankingOf(medians);
    assert.deepEqual(
      places.map(({ target, letters }) => `${target} ${letters}`),
      ['fast a', 'slow b', 'erratic c'],
    );
    assert.deepEqual(
      pairs.map(({ faster, slower, told }) => `${faster} ${slower} ${told}`),
      ['fast slow true', 'fast erratic true', 'slow erratic true'],
    );
    assert.ok((pairs[0]?.ratio.high ?? 9) / (pairs[0]?.ratio.low ?? 1) < 1.1);
  });

  it('pair by block: a drift that all share does not hide a difference', () =>
    assert.equal(lettered(rankingOf({ b: [150, 450, 750], a: [100, 300, 500.1] })), 'a a · b b'));

  it('call nothing different below 3 %, or from one block', () => {
    assert.equal(lettered(rankingOf({ a: [1000, 1000, 1000], b: [1020, 1020, 1020] })), 'a a · b a');
    assert.equal(lettered(rankingOf({ a: [1], b: [1000] })), 'a a · b a');
  });

  it('say how many more blocks would tell a pair, and nothing where it is told or out of reach', () => {
    const { pairs } = rankingOf({ a: [100, 120, 90], b: [130, 135, 120] });
    const [pair = assert.fail()] = pairs;
    assert.equal(pair.told, false);
    assert.ok((pair.blocksNeeded ?? 0) > 3 && (pair.blocksNeeded ?? 0) <= 30, String(pair.blocksNeeded));
    assert.equal(rankingOf({ a: [100, 101], b: [101, 100] }).pairs[0]?.blocksNeeded, null);
    assert.equal(rankingOf({ a: [100, 101, 100], b: [300, 301, 303] }).pairs[0]?.blocksNeeded, null);
  });

  it('do not depend on the order of the gateways, nor on the unit', () => {
    const value = fc.integer({ min: 50, max: 400 });
    const contenders = fc.array(fc.array(value, { minLength: 3, maxLength: 3 }), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(contenders, (all) => {
        const named = all.map((values, i) => [`t${i}`, values] as const);
        const told = (medians: Medians) =>
          rankingOf(medians)
            .pairs.map(({ faster, slower, told: apart }) => `${[faster, slower].toSorted().join(' ')} ${apart}`)
            .toSorted();
        const expected = told(Object.fromEntries(named));
        assert.deepEqual(told(Object.fromEntries(named.toReversed())), expected);
        assert.deepEqual(
          told(Object.fromEntries(named.map(([name, values]) => [name, values.map((v) => v * 2)]))),
          expected,
        );
      }),
      { numRuns: 40 },
    );
  });

  it('tell something apart in at most 5 % of simulated families of equal gateways, each with its own spread', () => {
    const random = lehmer(3);
    for (const blocks of [2, 3, 6]) {
      let wrong = 0;
      for (let run = 0; run < 200; run += 1) {
        const equal = ['a', 'b', 'c', 'd'].map((name, i) => {
          const values = Array.from({ length: blocks }, () => 1000 * Math.exp(0.05 * (i + 1) * normal(random)));
          return [name, values] as const;
        });
        if (rankingOf(Object.fromEntries(equal)).pairs.some(({ told }) => told)) wrong += 1;
      }
      // 5 % of 200 is 10; more than 20 would be chance once in a thousand.
      assert.ok(wrong <= 20, `${wrong} of 200 with ${blocks} blocks`);
    }
  });
});
