import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { UntilPrecise } from '#src/measure/until-precise.js';
import { syntheticRun } from '../analyse/synthetic-run.js';

const { manifest, trials } = syntheticRun();
const summary = analyse(manifest, trials);

/** Blocks that are measured, each a minute by a clock of the test, and why there are no more. */
function blocksOf(asked: { share?: number; maxBlocks?: number; budgetMs?: number | null }, leastBlocks: number) {
  let minutes = 0;
  const until = new UntilPrecise(
    { share: 0.001, maxBlocks: 8, budgetMs: null, ...asked },
    leastBlocks,
    () => summary,
    () => {},
    () => minutes * 60_000,
  );
  let block = 0;
  do {
    block += 1;
    minutes += 1;
  } while (!until.isEnough(block));
  return [block, until.record().endedBy];
}

describe('UntilPrecise', () => {
  it('ends as soon as everything is known well enough, but not before the least number of blocks', () => {
    assert.deepEqual(blocksOf({ share: 10 }, 3), [3, 'reached']);
    assert.deepEqual(blocksOf({ share: 10 }, 6), [6, 'reached']);
  });

  it('ends with the last block that is allowed', () => {
    assert.deepEqual(blocksOf({}, 3), [8, 'blocks']);
  });

  it('begins no block that would not end within the budget, whatever the least number is', () => {
    assert.deepEqual(blocksOf({ budgetMs: 5.5 * 60_000 }, 3), [5, 'budget']);
    assert.deepEqual(blocksOf({ budgetMs: 5 * 60_000 }, 3), [5, 'budget']);
    assert.deepEqual(blocksOf({ budgetMs: 60_000 }, 3), [1, 'budget']);
  });

  it('says once, while there is time to begin anew, what split of it would be better', () => {
    const about = { target: null, scenario: null, level: null } as const;
    const split = {
      code: 'best-split',
      severity: 'info',
      ...about,
      message: 'In the same time …',
      evidence: {},
    } as const;
    const told: string[] = [];
    const until = new UntilPrecise(
      { share: 0.001, maxBlocks: 8, budgetMs: null },
      2,
      () => ({ ...summary, findings: [split] }),
      (line) => told.push(line),
      () => 0,
    );
    for (const block of [1, 2, 3, 4]) until.isEnough(block);
    assert.deepEqual(
      told.filter((line) => line === split.message),
      [split.message],
    );
    assert.match(told[0] ?? '', /^block 2: \d+ overhead intervals are still wider than asked for$/);
  });

  it('has room for void trials only as long as a block would end within the budget, however the blocks ended', () => {
    const room = (budgetMs: number | null): boolean => {
      let minutes = 0;
      const asked = { share: 10, maxBlocks: 8, budgetMs };
      const until = new UntilPrecise(
        asked,
        1,
        () => summary,
        () => {},
        () => minutes * 60_000,
      );
      minutes = 2;
      assert.equal(until.isEnough(1), true);
      return until.hasRoom();
    };
    assert.deepEqual(
      [null, 5, 4, 3].map((m) => room(m === null ? null : m * 60_000)),
      [true, true, true, false],
    );
  });
});
