import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Limiter } from '#src/relay/limiter.js';

test('after a pause twenty pass at once, the next waits its turn', () => {
  const limiter = new Limiter(100);
  assert.deepEqual(
    Array.from({ length: 22 }, () => limiter.takeUs(1e6)),
    [...Array.from({ length: 20 }, () => 0), 10_000, 20_000],
  );
});

test('over any stretch no more pass than the limit allows', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1, max: 1e4, noNaN: true }),
      fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 }),
      (rps, pausesUs) => {
        const limiter = new Limiter(rps);
        let nowUs = 0;
        const passedUs = pausesUs.map((pauseUs) => {
          nowUs += pauseUs;
          return nowUs + limiter.takeUs(nowUs);
        });
        const [first = 0, last = 0] = [passedUs[0], passedUs.at(-1)];
        assert.ok(passedUs.length <= 20 + ((last - first) * rps) / 1e6 + 1e-3);
        assert.deepEqual(
          passedUs,
          passedUs.toSorted((a, b) => a - b),
        );
      },
    ),
  );
});
