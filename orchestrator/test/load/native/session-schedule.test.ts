import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { everyNthSession, sessionPlan } from '#src/load/native/session-schedule.js';
import { SessionTurns } from '#src/load/native/session-turns.js';

const RHYTHM = { pauses: [{ medianMs: 100 }, { medianMs: 400 }, { medianMs: 100 }] };
const SPEC = { ...RHYTHM, ratePerSecond: 400, lengthUs: 20e6, seed: 7 };

/** All turns that are due in a trial in which each answer takes so long. */
function turnsOf(plan: ReturnType<typeof sessionPlan>, lengthUs: number, answerUs: number) {
  const turns = new SessionTurns(plan);
  const sent: { dueUs: number; turn: number; session: number }[] = [];
  for (let row = 0; ; row++) {
    const due = turns.take(lengthUs);
    if (due === null) return { sent, counts: turns.counts() };
    sent.push(due);
    turns.sent(row, due);
    turns.decided(row, true, due.dueUs + answerUs);
  }
}

test('sessions send as many requests a second as the level says, as many at the beginning as at the end, of all turns alike', () => {
  const { sent } = turnsOf(sessionPlan(SPEC), SPEC.lengthUs, 0);
  const expected = (SPEC.ratePerSecond * SPEC.lengthUs) / 1e6;
  assert.ok(Math.abs(sent.length / expected - 1) < 0.05, `${sent.length} of ${expected}`);
  for (const [from, to] of [
    [0, 5e6],
    [15e6, 20e6],
  ] as const) {
    const within = sent.filter(({ dueUs }) => dueUs >= from && dueUs < to);
    assert.ok(Math.abs(within.length / (expected / 4) - 1) < 0.1, `${within.length} from ${from}`);
    for (let turn = 0; turn < 4; turn++) {
      const share = within.filter((one) => one.turn === turn).length / within.length;
      assert.ok(Math.abs(share - 0.25) < 0.04, `turn ${turn}: ${share}`);
    }
  }
});

test('arrivals of sessions are a Poisson process: the variance of their number in a second is its mean', () => {
  const plan = sessionPlan({ pauses: [], ratePerSecond: 50, lengthUs: 400e6, seed: 3 });
  const seconds = new Float64Array(400);
  for (const at of plan.firstAtUs) seconds[Math.floor(at / 1e6)]! += 1;
  const mean = seconds.reduce((sum, n) => sum + n, 0) / seconds.length;
  const variance = seconds.reduce((sum, n) => sum + (n - mean) ** 2, 0) / seconds.length;
  assert.ok(Math.abs(mean - 50) < 2 && variance / mean > 0.8 && variance / mean < 1.25, `${mean} ${variance}`);
});

test('pauses are log-normal about their medians, and none is longer than four of them', () => {
  const { pausesUs } = sessionPlan(SPEC);
  const second = pausesUs.filter((_us, at) => at % 3 === 1).toSorted();
  const median = second[Math.floor(second.length / 2)] as number;
  assert.ok(Math.abs(median / 400e3 - 1) < 0.1, `${median}`);
  assert.equal(second.at(-1), 1600e3);
});

test('the same seed gives the same sessions, and agents divide them without losing one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.integer(), (of, seed) => {
      const all = sessionPlan({ ...SPEC, lengthUs: 1e6, seed });
      assert.deepEqual(all, sessionPlan({ ...SPEC, lengthUs: 1e6, seed }));
      const shares = Array.from({ length: of }, (_, nth) => everyNthSession(all, of, nth));
      for (const [nth, share] of shares.entries()) {
        assert.equal(share.pausesUs.length, share.firstAtUs.length * 3);
        for (const [k, at] of share.firstAtUs.entries()) {
          const session = k * of + nth;
          assert.equal(at, all.firstAtUs[session]);
          assert.deepEqual(share.pausesUs.slice(3 * k, 3 * k + 3), all.pausesUs.slice(3 * session, 3 * session + 3));
        }
      }
      assert.equal(
        shares.reduce((sum, { firstAtUs }) => sum + firstAtUs.length, 0),
        all.firstAtUs.length,
      );
    }),
    { numRuns: 20 },
  );
});

test('turns come in the order in which they are due, each of a session once, behind the answer before and its pause', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: 300_000 }), (seed, answerUs) => {
      const plan = sessionPlan({ ...SPEC, lengthUs: 3e6, seed });
      const { sent, counts } = turnsOf(plan, 3e6, answerUs);
      assert.ok(sent.every(({ dueUs }, i) => dueUs >= (sent[i - 1]?.dueUs ?? 0)));
      const last = new Map<number, { dueUs: number; turn: number }>();
      for (const { session, turn, dueUs } of sent) {
        const before = last.get(session);
        if (before === undefined) assert.deepEqual([turn, dueUs], [plan.firstTurn[session], plan.firstAtUs[session]]);
        else
          assert.deepEqual(
            [turn, dueUs],
            [before.turn + 1, before.dueUs + answerUs + (plan.pausesUs[session * 3 + before.turn] as number)],
          );
        last.set(session, { turn, dueUs });
      }
      assert.equal(counts.begun, last.size);
      assert.equal(counts.finished, [...last.values()].filter(({ turn }) => turn === 3).length);
    }),
    { numRuns: 30 },
  );
});

test('a session whose request failed sends nothing more', () => {
  const turns = new SessionTurns({
    turns: 3,
    firstAtUs: Float64Array.of(0, 10),
    firstTurn: Uint16Array.of(0, 0),
    pausesUs: Float64Array.of(5, 5, 100, 100),
  });
  const first = turns.take(0) ?? assert.fail();
  turns.sent(0, first);
  assert.equal(turns.nextDueUs, 10);
  turns.decided(0, false, 3);
  const other = turns.take(10) ?? assert.fail();
  assert.equal(other.session, 1);
  turns.sent(1, other);
  assert.equal(turns.nextDueUs, Number.POSITIVE_INFINITY);
  turns.decided(1, true, 12);
  assert.deepEqual([turns.nextDueUs, turns.take(111)], [112, null]);
  assert.deepEqual(turns.counts(), { begun: 2, finished: 0, cutShort: 1 });
});
