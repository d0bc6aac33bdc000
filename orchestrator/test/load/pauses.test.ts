import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { pausesOf, type WaitingRequests } from '#src/load/pauses.js';

const S = 1e6;
const WINDOW = { startUs: 1 * S, endUs: 11 * S };

/** So many requests a second for 11 s, each answered after 1 ms, or when the target goes on where it stands still. */
function load(perSecond: number, frozen: readonly (readonly [fromUs: number, lengthUs: number])[]): WaitingRequests {
  const dueUs = Array.from({ length: perSecond * 11 }, (_, k) => (k * S) / perSecond);
  const untilUs = dueUs.map((due, k) => {
    const end = due + 1000;
    const freeze = frozen.find(([from, length]) => end >= from && end < from + length);
    return freeze === undefined ? end : freeze[0] + freeze[1] + (k % 50) * 10;
  });
  return { dueUs, untilUs, answered: () => true };
}

describe('pausesOf', () => {
  for (const rate of [20, 200, 2000]) {
    it(`finds at ${rate}/s when it was, how long, and how many waited`, () => {
      const { count, totalUs, longest } = pausesOf(load(rate, [[3 * S, 5 * S]]), WINDOW, []);
      assert.equal(count, 1);
      const [pause] = longest;
      assert.ok(pause !== undefined);
      assert.ok(Math.abs(pause.fromUs - 2 * S) < 1.2e6 / rate + 1000, String(pause.fromUs));
      assert.ok(Math.abs(pause.lengthUs - 5 * S) < 1.2e6 / rate + 1000, String(pause.lengthUs));
      assert.ok(Math.abs(pause.requests - 5 * rate) <= 3, String(pause.requests));
      assert.equal(totalUs, pause.lengthUs);
    });

    it(`finds at ${rate}/s short ones that come again`, () => {
      const frozen = [2, 4, 6, 8, 10].map((at) => [at * S, 0.4 * S] as const);
      const { count, longest } = pausesOf(load(rate, frozen), WINDOW, []);
      assert.equal(count, 5);
      for (const { lengthUs } of longest) assert.ok(lengthUs > 0.34 * S && lengthUs <= 0.41 * S, String(lengthUs));
    });
  }

  it('finds none in a steady load, a slow target, or where single requests are slow', () => {
    assert.equal(pausesOf(load(200, []), WINDOW, []).count, 0);
    const even = load(200, []);
    const slow = { ...even, untilUs: Array.from(even.dueUs, (due) => due + 2 * S) };
    assert.equal(pausesOf(slow, WINDOW, []).count, 0);
    const spikes = { ...even, untilUs: Array.from(even.dueUs, (due, k) => due + (k % 100 === 0 ? 0.5 * S : 1000)) };
    assert.equal(pausesOf(spikes, WINDOW, []).count, 0);
  });

  it('leaves out what the driver slept through itself', () => {
    const frozen = load(200, [[3 * S, 1 * S]]);
    assert.equal(pausesOf(frozen, WINDOW, [{ fromUs: 3 * S, lengthUs: 1 * S }]).count, 0);
    assert.equal(pausesOf(frozen, WINDOW, [{ fromUs: 3 * S, lengthUs: 0.1 * S }]).count, 1);
  });

  it('finds a target that never answered again', () => {
    const { dueUs, untilUs } = load(100, []);
    const dead = (index: number): boolean => (dueUs[index] as number) >= 6 * S;
    const { longest } = pausesOf(
      { dueUs, untilUs: Array.from(untilUs, (until, i) => (dead(i) ? 12 * S : until)), answered: (i) => !dead(i) },
      WINDOW,
      [],
    );
    assert.deepEqual(longest, [{ fromUs: 5 * S, lengthUs: 6 * S, requests: 500 }]);
  });

  it('takes in a closed loop what was under way for what waited', () => {
    const dueUs: number[] = [];
    const untilUs: number[] = [];
    for (let stream = 0; stream < 8; stream++) {
      for (let at = 0; at < 11 * S; ) {
        const end = at + 50_000 + stream * 100;
        const until = end >= 5 * S && end < 6 * S ? 6 * S + stream : end;
        dueUs.push(at);
        untilUs.push(until);
        at = until;
      }
    }
    const { count, longest } = pausesOf({ dueUs, untilUs, answered: () => true }, WINDOW, []);
    assert.equal(count, 1);
    assert.equal(longest[0]?.requests, 8);
  });

  it('holds for any load: pauses lie apart, and no answer lies in one', () => {
    const row = fc.tuple(fc.integer({ min: 0, max: 11 * S }), fc.integer({ min: 1, max: 3 * S }), fc.boolean());
    fc.assert(
      fc.property(fc.array(row, { maxLength: 60 }), (rows) => {
        const requests = {
          dueUs: rows.map(([due]) => due),
          untilUs: rows.map(([due, wait]) => due + wait),
          answered: (i: number) => rows[i]?.[2] ?? false,
        };
        let before = Number.NEGATIVE_INFINITY;
        for (const { fromUs, lengthUs } of pausesOf(requests, WINDOW, []).longest) {
          const from = fromUs + WINDOW.startUs;
          assert.ok(from >= before);
          before = from + lengthUs;
          for (const [due, wait, answered] of rows) assert.ok(!answered || due + wait <= from || due + wait >= before);
        }
      }),
    );
  });
});
