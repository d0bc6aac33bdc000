import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clockOffset, driftPpm, onAskersClock, type RoundTrip } from '#src/clock/clock-offset.js';

/** Room for what 64-bit floats lose at moments of 10¹² µs. */
const ROUNDING_US = 0.01;

const way = fc.integer({ min: 0, max: 200_000 });
const journey = fc.record({ atUs: fc.integer({ min: 0, max: 1_000_000 }), there: way, held: way, back: way });

/** A clock that was ahead at the asker's moment 0, and gains. */
const other = (aheadUs: number, ppm: number) => (us: number) => us + aheadUs + (us * ppm) / 1e6;

function trip(theirs: (us: number) => number, start: number, { there, held, back }: Omit<Journey, 'atUs'>): RoundTrip {
  return {
    askedUs: start,
    heardUs: theirs(start + there),
    answeredUs: theirs(start + there + held),
    returnedUs: start + there + held + back,
  };
}
type Journey = { readonly atUs: number; readonly there: number; readonly held: number; readonly back: number };

test('the true offset lies within half the round trip, however unlike the ways are, and the tightest is taken', () => {
  const ahead = fc.oneof(fc.constantFrom(50_000, 5e6, -5e6), fc.integer({ min: -1e12, max: 1e12 }));
  fc.assert(
    fc.property(ahead, fc.array(journey, { minLength: 1, maxLength: 30 }), (aheadUs, journeys) => {
      const found = clockOffset(journeys.map((each) => trip(other(aheadUs, 0), each.atUs, each)));
      assert.ok(Math.abs(found.offsetUs - aheadUs) <= found.boundUs + ROUNDING_US);
      const widened = journeys.map(({ there, held, back }) => ((there + back) * 1.001 + held * 0.00101) / 2);
      assert.ok(found.boundUs <= Math.min(...widened) * 1.001 + ROUNDING_US);
    }),
  );
});

test('a moment between two looks is put on our clock within the bound, of clocks that drift', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1e9, max: 1e9 }),
      fc.integer({ min: -1000, max: 1000 }),
      journey,
      journey,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (aheadUs, ppm, first, last, share) => {
        const theirs = other(aheadUs, ppm);
        const [before, after] = [first, last].map((each, i) =>
          clockOffset([trip(theirs, each.atUs + i * 60e6, each)]),
        ) as [ReturnType<typeof clockOffset>, ReturnType<typeof clockOffset>];
        const truth = before.atUs + share * (after.atUs - before.atUs);
        const { us, boundUs } = onAskersClock(before, after, theirs(truth));
        assert.ok(Math.abs(us - truth) <= boundUs + ROUNDING_US);
        const drift = driftPpm(before, after);
        assert.ok(Math.abs(drift.ppm - ppm) <= drift.boundPpm + ROUNDING_US);
      },
    ),
  );
});

test('outside the two looks the bound grows with the distance', () => {
  const look = (atUs: number) => ({ atUs, offsetUs: 0, boundUs: 10 });
  const at = (us: number) => Math.round(onAskersClock(look(0), look(1000), us).boundUs);
  assert.deepEqual([at(0), at(500), at(1000), at(1500), at(-1000)], [10, 10, 10, 20, 30]);
});

test('round trips that cannot be are not believed, and without another there is no offset', () => {
  const sound = { askedUs: 0, heardUs: 105, answeredUs: 106, returnedUs: 11 };
  const returnedEarly = { askedUs: 10, heardUs: 0, answeredUs: 1, returnedUs: 9 };
  const answeredEarly = { askedUs: 0, heardUs: 5, answeredUs: 4, returnedUs: 9 };
  const heldLonger = { askedUs: 0, heardUs: 0, answeredUs: 20, returnedUs: 10 };
  const { boundUs, ...found } = clockOffset([returnedEarly, answeredEarly, heldLonger, sound]);
  assert.deepEqual(found, { atUs: 5.5, offsetUs: 100 });
  assert.ok(Math.abs(boundUs - 5) < 0.01);
  // As far as a clock may drift, a hold may look longer than the round trip; further, it cannot be.
  const held = (longerUs: number) => ({ askedUs: 0, heardUs: 0, answeredUs: 1e6 + longerUs, returnedUs: 1e6 });
  assert.ok(Math.abs(clockOffset([held(900)]).boundUs - 50) < 2);
  assert.throws(() => clockOffset([held(1100)]), /none of 1 round trips/);
  assert.throws(() => clockOffset([returnedEarly]), /none of 1 round trips/);
  assert.throws(() => clockOffset([]), RangeError);
  const still = { atUs: 5, offsetUs: 0, boundUs: 1 };
  assert.throws(() => driftPpm(still, still), /no time passed/);
  assert.throws(() => onAskersClock(still, { ...still, atUs: 6, offsetUs: -100 }, 5), /went back/);
});
