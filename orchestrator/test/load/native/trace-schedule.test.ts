import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { drawKinds } from '#src/load/native/request-kinds.js';
import { replaySchedule } from '#src/load/native/trace-schedule.js';

test('the window holds the trace once, and the warm-up what comes before it when it goes round', () => {
  const gaps = fc.array(fc.nat(5000), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(gaps, fc.nat(100_000), (steps, warmupUs) => {
      let at = 0;
      const atUs = Float64Array.from([0, ...steps], (step) => (at += step));
      const spanUs = at + 1;
      const kindOf = Uint16Array.from(atUs, (_, row) => row);
      const { intendedUs, kindOf: kinds } = replaySchedule({ atUs, kindOf }, warmupUs, spanUs);
      const window = intendedUs.findIndex((us) => us >= warmupUs);
      assert.deepEqual([...kinds.subarray(window)], [...kindOf]);
      assert.deepEqual(
        [...intendedUs.subarray(window)],
        [...atUs].map((us) => us + warmupUs),
      );
      assert.deepEqual(
        [...intendedUs],
        [...intendedUs].sort((a, b) => a - b),
      );
      for (const [row, us] of intendedUs.entries()) {
        assert.ok(us >= 0);
        assert.equal((((us - warmupUs) % spanUs) + spanUs) % spanUs, atUs[kinds[row] as number]);
      }
    }),
  );
});

test('kinds are drawn by weight, the same for the same seed', () => {
  const kind = { name: '', part: '', url: '', body: '', streaming: false };
  const drawn = (seed: number) =>
    drawKinds({ table: { kinds: [kind, kind, kind], draw: { weights: [6, 3, 1] } }, seed } as never, 10_000);
  const counts = [0, 0, 0];
  for (const index of drawn(1)) counts[index] = (counts[index] ?? 0) + 1;
  // Six standard deviations of a binomial count.
  for (const [index, share] of [0.6, 0.3, 0.1].entries())
    assert.ok(Math.abs((counts[index] ?? 0) - share * 10_000) < 6 * Math.sqrt(10_000 * share * (1 - share)));
  assert.deepEqual(drawn(1), drawn(1));
  assert.notDeepEqual(drawn(1), drawn(2));
});
