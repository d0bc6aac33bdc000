import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { achievedRps, type AnsweredRequests, completedRps } from '#src/load/achieved.js';

const S = 1e6;
/** A window of 10 s behind a warm-up of 2 s. */
const WINDOW = { startUs: 2 * S, endUs: 12 * S, scheduled: 5000, uneven: false };

/** 500 requests a second for 12 s, each taking what is said of its moment. */
function steady(waitUs: (dueUs: number, k: number) => number): AnsweredRequests {
  const dueUs = Array.from({ length: 6000 }, (_, k) => k * 2000);
  return { dueUs, endUs: dueUs.map((due, k) => due + waitUs(due, k)) };
}

/** A queue that serves so many a second. */
function queue(perSecond: number): AnsweredRequests {
  let free = 0;
  return steady((due) => {
    free = Math.max(free, due) + S / perSecond;
    return free - due;
  });
}

describe('achievedRps', () => {
  it('is the level where everything is answered, however long that takes', () => {
    for (const wait of [100, 50_000, 3 * S, 20 * S])
      assert.equal(
        achievedRps(
          steady(() => wait),
          WINDOW,
        ),
        500,
      );
  });

  it('is no more than was due when the window works off what the warm-up left', () => {
    // A cold start: everything of the first two seconds is answered in the third.
    assert.equal(
      achievedRps(
        steady((due) => (due < 2 * S ? 2.5 * S - due : 500)),
        WINDOW,
      ),
      500,
    );
  });

  it('is what a target gave that does not keep up', () => {
    assert.ok(Math.abs(achievedRps(queue(400), WINDOW) - 400) < 1);
    assert.ok(Math.abs(achievedRps(queue(490), WINDOW) - 490) < 2);
    assert.equal(achievedRps(queue(600), WINDOW), 500);
  });

  it('is what came in time where some have waited for as long as the window since before it began', () => {
    // Two of five starve until the load is over: overloaded, however many the window had of them already when it began.
    const starved = steady((due, k) => (k % 5 < 2 ? 15 * S - due : 1000));
    assert.ok(Math.abs(achievedRps(starved, WINDOW) - 300) < 1);
    // Some that take long by themselves are no queue: as many end as begin.
    assert.equal(
      achievedRps(
        steady((_, k) => (k % 5 < 2 ? 1.5 * S : 1000)),
        WINDOW,
      ),
      500,
    );
  });

  it('counts nothing that was answered when the load was long over', () => {
    assert.ok(
      achievedRps(
        steady((due) => (due < 7 * S ? 1000 : 60 * S)),
        WINDOW,
      ) <= 251,
    );
    assert.equal(achievedRps({ dueUs: [], endUs: [] }, WINDOW), 0);
  });

  it('counts every answer of a replayed trace that ends with a burst', () => {
    // Two bursts of which the requests are served one behind the other; the warm-up is the trace's end.
    const bursts = [1, 3, 11.9].flatMap((at) =>
      Array.from({ length: 42 }, (_, i) => [at * S, at * S + (i + 1) * 20_000]),
    );
    const answers = { dueUs: bursts.map(([due]) => due ?? 0), endUs: bursts.map(([, end]) => end ?? 0) };
    assert.equal(achievedRps(answers, { ...WINDOW, scheduled: 84, uneven: true }), 8.4);
    const late = { ...answers, endUs: answers.endUs.map((end, i) => (i >= 84 ? end + 5 * S : end)) };
    assert.ok(achievedRps(late, { ...WINDOW, scheduled: 84, uneven: true }) < 8);
  });

  it('never exceeds what was due, nor what was answered', () => {
    const row = fc.tuple(fc.integer({ min: 0, max: 12 * S - 1 }), fc.integer({ min: 1, max: 30 * S }));
    fc.assert(
      fc.property(fc.array(row), fc.boolean(), (rows, uneven) => {
        const answers = { dueUs: rows.map(([due]) => due), endUs: rows.map(([due, wait]) => due + wait) };
        const scheduled = rows.filter(([due]) => due >= WINDOW.startUs).length;
        const rate = achievedRps(answers, { ...WINDOW, scheduled, uneven });
        assert.ok(rate * 10 <= scheduled + 1e-9 && rate >= 0);
      }),
    );
  });
});

describe('completedRps', () => {
  it('is what ended in the window', () => {
    assert.equal(
      completedRps(
        steady(() => 1000),
        WINDOW,
      ),
      500,
    );
    assert.equal(completedRps({ dueUs: [1 * S, 3 * S], endUs: [5 * S, 13 * S] }, WINDOW), 0.1);
  });
});
