import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type ClientRow, joinLedger, type LedgerRow } from '#src/load/native/ledger-join.js';

/** One request as it really went: how long each leg took, microseconds. */
interface Truth {
  readonly startUs: number;
  readonly lateUs: number;
  readonly requestPathUs: number;
  readonly thinkUs: number;
  readonly gapUs: number;
  readonly responsePathUs: number;
}

const micros = fc.integer({ min: 0, max: 50_000 });
const truth: fc.Arbitrary<Truth> = fc.record({
  startUs: fc.integer({ min: 0, max: 1e9 }),
  lateUs: micros,
  requestPathUs: micros,
  thinkUs: micros,
  gapUs: micros,
  responsePathUs: micros,
});

/** Frames of a stream, the terminal one included; how many come before the first that bears content differs by API. */
const FRAMES = 11;

/** How long a request's body may take on its way behind its first byte: that is its sender's time, not the mock's. */
const SLOW_BODY_US = 40_000;

/**
 * Both sides' view of a stream that the mock paces: each frame is written a gap behind the one before, and none is passed on sooner
 * than another.
 * @param opening frames before the first that bears content
 */
function played(id: string, t: Truth, clockShiftUs = 0, opening = 1): { row: ClientRow; held: LedgerRow } {
  const sent = t.startUs + t.lateUs;
  const arrived = sent + t.requestPathUs;
  const first = arrived + t.thinkUs;
  const last = first + (FRAMES - 1) * t.gapUs;
  return {
    row: {
      id,
      kind: 0,
      measured: true,
      outcome: 'ok',
      intendedUs: t.startUs,
      dueUs: t.startUs,
      sentUs: sent,
      firstByteUs: first + t.responsePathUs,
      firstFrameUs: first + t.responsePathUs,
      firstTokenUs: first + opening * t.gapUs + t.responsePathUs,
      lastByteUs: last + t.responsePathUs,
      endUs: last + t.responsePathUs,
      frames: FRAMES,
      resent: false,
      begunUs: sent,
    },
    held: {
      id,
      arrivedUs: arrived - SLOW_BODY_US + clockShiftUs,
      arrivedWholeUs: arrived + clockShiftUs,
      firstByteUs: first + clockShiftUs,
      lastByteUs: last + clockShiftUs,
      endUs: last + clockShiftUs,
      frames: FRAMES,
      status: 200,
      end: 'complete',
      fault: null,
      connection: '0/1',
      provider: 'mock',
      phase: null,
    },
  };
}

const A: Truth = { startUs: 1e6, lateUs: 3, requestPathUs: 40, thinkUs: 500, gapUs: 2000, responsePathUs: 60 };

describe('the join with the ledger', () => {
  it('recovers for each request what the gateway added, and where', () => {
    fc.assert(
      fc.property(
        fc.array(truth, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 0, max: 5 }),
        (truths, opening) => {
          const both = truths.map((t, i) => played(`id${i}`, t, 0, opening));
          // The ledger lists requests in whatever order they ended.
          const join = joinLedger(
            both.map(({ row }) => row),
            both.map(({ held }) => held).reverse(),
            true,
          );
          assert.equal(join.overheads.length, truths.length);
          for (const [i, overhead] of join.overheads.entries()) {
            const t = truths[i] as Truth;
            assert.equal(overhead.requestPathUs, t.requestPathUs);
            assert.equal(overhead.responsePathUs, t.responsePathUs);
            assert.equal(overhead.overheadUs, t.requestPathUs + t.responsePathUs);
            assert.equal(overhead.addedFirstFrameUs, t.requestPathUs + t.responsePathUs);
            assert.equal(overhead.addedGapUs, 0);
          }
          assert.deepEqual([join.missing.count, join.repeated, join.strange.count], [0, [], 0]);
          assert.deepEqual([join.buffered, join.aborts], [[], []]);
        },
      ),
    );
  });

  it('uses only sums when the clocks are two, however far they are apart', () => {
    const shift = fc.oneof(fc.constantFrom(0, 50_000, -50_000, 5e6), fc.integer({ min: -1e9, max: 1e9 }));
    fc.assert(
      fc.property(fc.array(truth, { minLength: 1, maxLength: 30 }), shift, (truths, clockShiftUs) => {
        const both = truths.map((t, i) => played(`id${i}`, t, clockShiftUs));
        const join = joinLedger(
          both.map(({ row }) => row),
          both.map(({ held }) => held),
          false,
        );
        for (const [i, overhead] of join.overheads.entries()) {
          const t = truths[i] as Truth;
          assert.equal(overhead.requestPathUs, null);
          assert.equal(overhead.responsePathUs, null);
          assert.equal(overhead.overheadUs, t.requestPathUs + t.responsePathUs);
        }
      }),
    );
  });

  it('tells the ways apart also where a gateway sends head and opening frame before its provider answers', () => {
    const both = ['a', 'b', 'c'].map((id) => played(id, { ...A, thinkUs: 50_000 }));
    const rows = both.map(({ row }) => ({ ...row, firstByteUs: row.sentUs, firstFrameUs: row.sentUs }));
    const join = joinLedger(
      rows,
      both.map(({ held }) => held),
      true,
    );
    const told = { requestPathUs: 40, responsePathUs: 60, addedFirstFrameUs: null };
    for (const { requestPathUs, responsePathUs, addedFirstFrameUs } of join.overheads)
      assert.deepEqual({ requestPathUs, responsePathUs, addedFirstFrameUs }, told);
    assert.equal(join.overheads.length, 3);
  });

  it('accounts for every request exactly once, however often it reached the mock', () => {
    const times = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 30 });
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 3 }), (counts, strangers) => {
        const rows = counts.map((_, i) => played(`id${i}`, A).row);
        const ledger = counts.flatMap((n, i) => Array.from({ length: n }, () => played(`id${i}`, A).held));
        for (let i = 0; i < strangers; i++) ledger.push(played(`stranger${i}`, A).held);
        const join = joinLedger(rows, ledger, true);
        assert.equal(join.missing.count, counts.filter((n) => n === 0).length);
        assert.deepEqual(
          join.repeated.map(({ times: n }) => n),
          counts.filter((n) => n > 1),
        );
        assert.equal(join.overheads.length, counts.filter((n) => n === 1).length);
        assert.equal(join.strange.count, strangers);
      }),
    );
  });

  it('does not miss what was never sent', () => {
    const { row } = played('a', A);
    const dropped: ClientRow = {
      ...row,
      outcome: 'dropped',
      sentUs: null,
      firstByteUs: null,
      firstFrameUs: null,
      firstTokenUs: null,
      lastByteUs: null,
    };
    assert.deepEqual(joinLedger([dropped], [], true).missing.examples, []);
    assert.deepEqual(joinLedger([row], [], true).missing.examples, ['a']);
  });

  it('names streams that were held back, with both spans', () => {
    const { row, held } = played('a', A);
    const lumped: ClientRow = { ...row, firstTokenUs: (row.lastByteUs ?? 0) - 100 };
    assert.deepEqual(joinLedger([lumped], [held], true).buffered, [
      { id: 'a', providerSpanUs: 20_000, clientSpanUs: 100 },
    ]);
    assert.deepEqual(joinLedger([row], [held], true).buffered, []);
    // Too short to tell.
    const short = played('b', { ...A, gapUs: 100 });
    assert.deepEqual(
      joinLedger([{ ...short.row, firstTokenUs: short.row.lastByteUs }], [short.held], true).buffered,
      [],
    );
  });

  it('says whether an abort was passed on, when, and what was produced for nobody', () => {
    const { row, held } = played('a', A);
    const gaveUp: ClientRow = { ...row, outcome: 'timeout', lastByteUs: null, endUs: 2_000_000, frames: 4 };
    const sound = played('b', A);
    const passed: LedgerRow = { ...held, end: 'aborted', endUs: 2_000_300, frames: 6 };
    const rows = [gaveUp, sound.row];
    assert.deepEqual(joinLedger(rows, [passed, sound.held], true).aborts, [
      { id: 'a', passedOn: true, passedOnUs: 300, wastedFrames: 2 },
    ]);
    assert.deepEqual(joinLedger(rows, [held, sound.held], true).aborts, [
      { id: 'a', passedOn: false, passedOnUs: null, wastedFrames: 7 },
    ]);
  });

  it('counts the connections over which requests of the window came to the mock', () => {
    const one = played('a', A);
    const two = played('b', A);
    const ledger = [one.held, { ...two.held, connection: '1/1' }];
    assert.equal(joinLedger([one.row, two.row], ledger, true).upstreamConnections, 2);
    const warm = { ...two.row, measured: false };
    const join = joinLedger([one.row, warm], ledger, true);
    assert.deepEqual([join.upstreamConnections, join.strange.count, join.overheads.length], [1, 0, 1]);
  });
});

describe('a frame of the gateway’s own', () => {
  const T = { startUs: 0, lateUs: 0, requestPathUs: 100, thinkUs: 5000, gapUs: 1000, responsePathUs: 100 };

  it('is not taken for the provider’s first', () => {
    const { row, held } = played('a', T);
    const ping = { ...row, firstByteUs: 300, firstFrameUs: 300 };
    const [overhead] = joinLedger([ping], [held], true).overheads;
    assert.deepEqual([overhead?.addedFirstFrameUs, overhead?.addedGapUs], [null, null]);
    assert.equal(overhead?.overheadUs, 200, 'the whole is known all the same');
    assert.equal(joinLedger([row], [held], true).overheads[0]?.addedFirstFrameUs, 200);
  });
});
