import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hash32, hashShare, seededRandom } from '#src/timing/seeded.js';

test('the hash is the same in every process and version', () => {
  assert.deepEqual(
    [hash32(1, 'a'), hash32(1, 'b'), hash32(2, 'a'), hash32(1, 12)],
    [3873127206, 1185767313, 1185767313, 2193908274],
  );
});

test('as many ids as a rate says are drawn, for ids that follow each other too', () => {
  for (const rate of [0.01, 0.1, 0.5]) {
    const drawn = Array.from({ length: 50_000 }, (_, i) => hashShare(3, `r-${i}`)).filter(
      (share) => share < rate,
    ).length;
    assert.ok(Math.abs(drawn / 50_000 - rate) < 0.01, `${drawn} of 50 000 at ${rate}`);
  }
});

test('a generator repeats with its seed and fills every tenth evenly', () => {
  const [one, two] = [seededRandom(5), seededRandom(5)];
  const tenths = Array.from({ length: 10 }, () => 0);
  for (let i = 0; i < 10_000; i++) {
    const value = one();
    assert.equal(value, two());
    const tenth = Math.floor(value * 10);
    tenths[tenth] = (tenths[tenth] as number) + 1;
  }
  for (const count of tenths) assert.ok(count > 850 && count < 1150, `${count} of about 1000`);
});
