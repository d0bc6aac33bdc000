import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MOST_SENT, searchCapacity } from '#src/plan/capacity-search.js';
import { settledBy } from '#src/record/capacity.js';
import { seededRandom } from '#src/plan/random.js';

const BOUNDS = { lowest: 10, start: 100, highest: 20_000 };

/** Runs a search against something that holds a rate with a probability. */
async function search(chance: (rate: number) => number, seed: number, bounds = BOUNDS) {
  const random = seededRandom(seed);
  const asked: { rate: number; held: boolean }[] = [];
  await searchCapacity(async (rate) => {
    const held = random() < chance(rate);
    asked.push({ rate, held });
    return held;
  }, bounds);
  const settled = (rate: number): boolean | null =>
    settledBy(asked.filter((window) => window.rate === rate).map(({ held }) => held));
  const rates = [...new Set(asked.map(({ rate }) => rate))].toSorted((a, b) => a - b);
  const low = rates.filter((rate) => settled(rate) === true).at(-1) ?? null;
  const high = rates.find((rate) => rate > (low ?? 0) && settled(rate) === false) ?? null;
  return { low, high, asked };
}

test('a rate is settled by seven of seven or nine of ten, and not by less', () => {
  const windows = (text: string): boolean[] => text.split('').map((one) => one === '+');
  assert.equal(settledBy(windows('+++++++')), true);
  assert.equal(settledBy(windows('-------')), false);
  assert.equal(settledBy(windows('++++++')), null);
  assert.equal(settledBy(windows('++++-+++++')), true);
  assert.equal(settledBy(windows('-+--------')), false);
  assert.equal(settledBy(windows('++++-++++-')), null);
  assert.equal(settledBy(windows('+-+++++++')), true, 'the last seven');
});

describe('the search for a capacity', () => {
  test('encloses a sharp one within some per cent, in few windows', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 11, max: 19_000 }), async (capacity) => {
        const { low, high, asked } = await search((rate) => (rate <= capacity ? 1 : 0), 1);
        assert.ok(low !== null && high !== null && low <= capacity && capacity < high);
        assert.ok(high / low <= 1.05 || high - low <= 1, `${low} to ${high}`);
        assert.ok(asked.length <= 34, `${asked.length} windows`);
      }),
    );
  });

  test('encloses the rate at which half of the windows hold, in at least 95 of 100 searches', async () => {
    const capacity = 1700;
    // A soft edge: from 5 % below to 5 % above, the chance falls from 0.85 to 0.15.
    const chance = (rate: number): number => 1 / (1 + Math.exp((rate / capacity - 1) / 0.03));
    let covered = 0;
    for (let seed = 0; seed < 400; seed += 1) {
      const { low, high } = await search(chance, seed);
      if (low !== null && high !== null && low <= capacity && high >= capacity) covered += 1;
    }
    assert.ok(covered / 400 >= 0.95, `${covered} of 400`);
  });

  test('gives back the rate that it settled not to hold, and promises no more windows than come', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 30_000 }), async (capacity) => {
        const promised: number[] = [];
        const broke = await searchCapacity(async (rate, { windowsLeft }) => {
          promised.push(windowsLeft);
          return rate <= capacity;
        }, BOUNDS);
        assert.equal(broke === null, capacity >= BOUNDS.highest);
        assert.ok(broke === null || broke > capacity);
        // Nobody knows of an end of the range before it is reached.
        const confirming = promised.slice(-7);
        assert.deepEqual(confirming, [7, 6, 5, 4, 3, 2, 1]);
        if (broke !== null && capacity >= BOUNDS.start)
          assert.ok(
            promised.every((windows, i) => windows <= promised.length - i),
            String(promised),
          );
      }),
    );
  });

  test('is not led astray by a first window that is spoilt', async () => {
    const asked: number[] = [];
    const broke = await searchCapacity(async (rate) => {
      asked.push(rate);
      return asked.length > 1 && rate <= 3000;
    }, BOUNDS);
    assert.ok(broke !== null && broke > 3000 && broke <= 3150, String(broke));
    assert.equal(Math.min(...asked), BOUNDS.start);
  });

  test('a window that says nothing moves no end: the same capacity is found as without it', async () => {
    // By hand: every seventh window is spoilt, whatever the rate; what holds up to 10 333 rps must not be sought at 475.
    const asked: (number | null)[] = [];
    const ends: number[] = [];
    const broke = await searchCapacity(async (rate, { phase }) => {
      asked.push(rate);
      if (asked.length % 7 === 3) return null;
      if (phase.startsWith('confirming')) ends.push(rate);
      return rate <= 10_333;
    }, BOUNDS);
    assert.ok(broke !== null && broke > 10_333 && broke <= 10_333 * 1.05, String(broke));
    const lower = Math.max(...ends.filter((rate) => rate <= 10_333));
    assert.ok(lower >= 10_333 / 1.05, String(lower));
    assert.ok(asked.every((rate) => rate !== null && rate >= BOUNDS.start));
  });

  test('one rate that stays open is passed over, and what lies above two of them is not known', async () => {
    const of = async (isOpen: (rate: number) => boolean) => {
      const confirmed = new Set<number>();
      const broke = await searchCapacity(async (rate, { phase }) => {
        if (isOpen(rate)) return null;
        if (phase === 'confirming the lower end') confirmed.add(rate);
        return rate <= 5000;
      }, BOUNDS);
      return { broke, confirmed: [...confirmed] };
    };
    const passed = await of((rate) => rate === 400);
    assert.ok(passed.broke !== null && passed.broke > 5000 && passed.broke <= 5250, String(passed.broke));
    // From 700 on everything exhausts the driver: nothing broke, and 400 is what is known to hold.
    assert.deepEqual(await of((rate) => rate >= 700), { broke: null, confirmed: [400] });
    assert.deepEqual(await of(() => true), { broke: null, confirmed: [] });
  });

  test('an end moves outwards from where it was found, also where what is beyond it stayed open', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 10, max: 400 }), async (seed, start) => {
        const random = seededRandom(seed);
        // Some rates are open for good, and the others hold or break by chance: brackets end anywhere in the range.
        const isOpen = new Map<number, boolean>();
        const found = { held: 0, broke: Number.POSITIVE_INFINITY };
        const ends = { lower: [] as number[], upper: [] as number[] };
        await searchCapacity(
          async (rate, { phase }) => {
            if (phase === 'confirming the lower end') ends.lower.push(rate);
            if (phase === 'confirming the upper end') ends.upper.push(rate);
            isOpen.set(rate, isOpen.get(rate) ?? random() < 0.4);
            if (isOpen.get(rate) === true) return null;
            const held = random() < 0.5;
            const isLooking = phase === 'doubling' || phase === 'halving';
            if (isLooking && held) found.held = Math.max(found.held, rate);
            if (isLooking && !held) found.broke = Math.min(found.broke, rate);
            return held;
          },
          { ...BOUNDS, start },
        );
        assert.ok(
          ends.lower.every((rate) => rate <= found.held),
          `${String(ends.lower)} above ${found.held}`,
        );
        assert.ok(
          ends.upper.every((rate) => rate >= found.broke),
          `${String(ends.upper)} below ${found.broke}`,
        );
      }),
      { numRuns: 500 },
    );
  });

  test('what held is asked below where it is not confirmed, and what broke above, by hand', async () => {
    const endsOf = async (start: number, held: (rate: number, isConfirming: boolean) => boolean | null) => {
      const ends = new Set<number>();
      await searchCapacity(
        async (rate, { phase }) => {
          const isConfirming = phase.startsWith('confirming');
          if (isConfirming) ends.add(rate);
          return held(rate, isConfirming);
        },
        { ...BOUNDS, start },
      );
      return [...ends];
    };
    // 100 to 400 hold, 800 and 1600 stay open; then 400 does not hold any more: 363 is 400 / 1.1.
    assert.deepEqual(
      await endsOf(100, (rate, isConfirming) => (rate > 400 ? null : !isConfirming || rate < 400)),
      [400, 363],
    );
    // 100 breaks, everything below stays open; then 100 holds: 111 is 100 · 1.1, rounded up as 110.00000000000001 is.
    assert.deepEqual(
      await endsOf(100, (rate, isConfirming) => (rate < 100 ? null : isConfirming && rate <= 100)),
      [100, 111],
    );
  });

  test('a rate that breaks below an open one is still the upper end', async () => {
    // The start is open, half of it breaks, a quarter holds.
    const broke = await searchCapacity(async (rate) => (rate >= 200 ? null : rate <= 60), {
      lowest: 10,
      start: 200,
      highest: 20_000,
    });
    assert.ok(broke !== null && broke > 60 && broke <= 64, String(broke));
  });

  test('asks nothing once it is over, whatever was settled by then', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 0, max: MOST_SENT }), async (seed, most) => {
        const random = seededRandom(seed);
        let sent = 0;
        await searchCapacity(
          async () => {
            sent += 1;
            const drawn = random();
            return drawn < 0.2 ? null : drawn < 0.6;
          },
          BOUNDS,
          () => sent >= most,
        );
        assert.ok(sent <= most, `${sent} of ${most}`);
      }),
    );
  });

  test('what holds everywhere is confirmed at the highest rate, what holds nowhere at the lowest', async () => {
    const all = await search(() => 1, 1);
    assert.deepEqual([all.low, all.high], [20_000, null]);
    const none = await search(() => 0, 1);
    assert.deepEqual([none.low, none.high], [null, 10]);
  });

  test('never asks outside of its bounds, whatever answers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 0, max: 5000 }),
        async (seed, lowest, more) => {
          const bounds = { lowest, start: lowest, highest: lowest + more };
          const { asked } = await search(() => 0.5, seed, bounds);
          assert.ok(asked.every(({ rate }) => Number.isInteger(rate) && rate >= lowest && rate <= lowest + more));
          assert.ok(asked.length < 200);
        },
      ),
    );
  });
});
