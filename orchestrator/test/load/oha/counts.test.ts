import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type ErrorCounts, type WindowCounts, windowCounts } from '#src/load/oha/counts.js';

const load = { level: { kind: 'rps', value: 100 }, warmupMs: 1000, measureMs: 2000 } as const;
const streams = { ...load, level: { kind: 'streams', value: 8 } } as const;

const sum = (counts: ErrorCounts): number => Object.values(counts).reduce((total, count) => total + count, 0);

const errorCounts: fc.Arbitrary<ErrorCounts> = fc.record(
  { connect: fc.nat(400), reset: fc.nat(400), timeout: fc.nat(400) },
  { requiredKeys: [] },
);

describe('windowCounts', () => {
  it('schedules rate × window, when all is answered', () => {
    assert.deepEqual(windowCounts(load, { answeredBefore: 100, answeredWithin: 200, errors: {} }), {
      scheduled: 200,
      errors: {},
      dropped: 0,
    });
  });

  it('takes what is lacking without an error for dropped: the end of the schedule, so the window first', () => {
    assert.deepEqual(windowCounts(load, { answeredBefore: 100, answeredWithin: 140, errors: {} }), {
      scheduled: 200,
      errors: {},
      dropped: 60,
    });
    assert.deepEqual(windowCounts(load, { answeredBefore: 40, answeredWithin: 0, errors: {} }), {
      scheduled: 200,
      errors: {},
      dropped: 200,
    });
  });

  it('dates errors by what is lacking: all in the window, or all in the warm-up', () => {
    const within = windowCounts(load, { answeredBefore: 100, answeredWithin: 170, errors: { reset: 30 } });
    assert.deepEqual(within, { scheduled: 200, errors: { reset: 30 }, dropped: 0 });
    const before = windowCounts(load, { answeredBefore: 70, answeredWithin: 200, errors: { reset: 30 } });
    assert.deepEqual(before, { scheduled: 201, errors: { reset: 1 }, dropped: 0 }, 'the pacer may explain one away');
  });

  it('tells errors of the window from its backlog', () => {
    assert.deepEqual(windowCounts(load, { answeredBefore: 100, answeredWithin: 140, errors: { timeout: 20 } }), {
      scheduled: 200,
      errors: { timeout: 20 },
      dropped: 40,
    });
  });

  it('divides the errors of a closed loop by time, rounded up, in proportion to their kinds', () => {
    assert.deepEqual(windowCounts(streams, { answeredBefore: 5, answeredWithin: 10, errors: { reset: 1 } }), {
      scheduled: 11,
      errors: { reset: 1 },
      dropped: 0,
    });
    assert.deepEqual(
      windowCounts(streams, { answeredBefore: 5, answeredWithin: 10, errors: { reset: 6, connect: 3 } }),
      {
        scheduled: 16,
        errors: { reset: 4, connect: 2 },
        dropped: 0,
      },
    );
  });

  it('always adds up, and never has more errors of a kind than there were', () => {
    const run = fc.record({ answeredBefore: fc.nat(500), answeredWithin: fc.nat(500), errors: errorCounts });
    fc.assert(
      fc.property(run, fc.constantFrom(load, streams), (counted, asked) => {
        const counts = windowCounts(asked, counted);
        assertAddsUp(counts, counted.answeredWithin);
        for (const [kind, count] of Object.entries(counts.errors)) {
          assert.ok(Number.isInteger(count) && count > 0);
          assert.ok(count <= (counted.errors[kind as keyof ErrorCounts] ?? 0));
        }
      }),
    );
  });

  it('finds the errors and the backlog of a simulated queue to within what the pacer carries over the edge', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        seed,
        (rate, bad, random) => {
          const level = { kind: 'rps', value: rate } as const;
          const truth = simulate(rate, bad, random);
          const counts = windowCounts({ ...load, level }, truth);
          const carried = Math.ceil((rate * 2) / 1000);
          assertAddsUp(counts, truth.answeredWithin);
          assert.ok(Math.abs(sum(counts.errors) - truth.failedWithin) <= carried, `errors ${sum(counts.errors)}`);
          assert.ok(
            truth.failedWithin === 0 || sum(counts.errors) > 0,
            'an error of the window is never explained away',
          );
          assert.ok(counts.scheduled <= 2 * rate + carried);
        },
      ),
    );
  });
});

const seed = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }));

function assertAddsUp(counts: WindowCounts, answered: number): void {
  assert.equal(counts.scheduled, answered + sum(counts.errors) + counts.dropped);
  assert.ok(counts.dropped >= 0);
}

/** oha's queue: one request every 1/rate from 0, taken in order until a random last one, each failing with the share `bad`. */
function simulate(rate: number, bad: number, random: fc.Stream<number>) {
  const draw = (): number => random.next().value as number;
  const due = Math.round(rate * 3);
  const taken = draw() < 0.5 ? due : Math.floor(draw() * due);
  const result = { answeredBefore: 0, answeredWithin: 0, failedWithin: 0, errors: { reset: 0 } };
  for (let i = 0; i < taken; i++) {
    const nominalMs = (i * 1000) / rate;
    const wokenMs = nominalMs + draw() * 2;
    if (draw() < bad) {
      result.errors.reset++;
      if (nominalMs >= load.warmupMs) result.failedWithin++;
    } else if (wokenMs >= load.warmupMs) result.answeredWithin++;
    else result.answeredBefore++;
  }
  return result;
}
