import assert from 'node:assert/strict';
import { it } from 'node:test';
import { OpeningPace } from '#src/load/native/opening-pace.js';

/** How many may be opened when one is wanted at each of these moments. */
function opened(pace: OpeningPace, atUs: readonly number[]): number {
  return atUs.filter((at) => pace.take(at)).length;
}

it('allows a few at once, and then no more than its rate, however many are wanted', () => {
  const pace = new OpeningPace(1250);
  assert.equal(
    opened(
      pace,
      Array.from({ length: 5000 }, () => 0),
    ),
    64,
  );
  const second = Array.from({ length: 5000 }, (_, k) => k * 200);
  assert.ok(Math.abs(opened(pace, second) - 1250) <= 1);
});

it('forgets how long it was not asked, but for the few', () => {
  const pace = new OpeningPace(1000);
  opened(
    pace,
    Array.from({ length: 100 }, () => 0),
  );
  assert.equal(
    opened(
      pace,
      Array.from({ length: 100 }, () => 60e6),
    ),
    64,
  );
});

it('is no bound where each request is to have a connection of its own', () => {
  assert.equal(
    opened(
      new OpeningPace(Number.POSITIVE_INFINITY),
      Array.from({ length: 5000 }, () => 0),
    ),
    5000,
  );
});
