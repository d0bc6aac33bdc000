import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCENARIOS } from '#src/catalogue/scenarios.js';
import { secondChances } from '#src/execute/second-chances.js';
import { blockMs, makePlan, type Plan } from '#src/plan/plan.js';
import type { TrialRecord } from '#src/record/trial.js';
import { TRIAL } from '../support/stored-run.js';

const scenario = SCENARIOS[0] ?? assert.fail();
const ONE = { scenario, level: { kind: 'rps', value: 100 } } as const;

function planOf(targets: readonly string[], blocks: number, startMs = 0): Plan {
  return makePlan({
    seed: 1,
    targets: targets.map((name) => ({
      name,
      kind: name === 'direct' ? 'direct' : 'gateway',
      identity: name,
      startMs: name === 'direct' ? 0 : startMs,
    })),
    scenarios: [{ scenario, levels: [{ kind: 'rps', value: 100 }] }],
    driver: 'native',
    blocks,
    durationMs: 1000 * blocks,
    warmupMs: 0,
  });
}

function recordsOf(
  plan: Plan,
  stateOf: (trial: Pick<TrialRecord, 'target' | 'block' | 'replica'>) => TrialRecord['state'],
) {
  return plan.blocks.flatMap(({ number: block, visits }) =>
    visits.map(({ target, replica }): TrialRecord => {
      const level = { kind: 'rps', value: 100 } as const;
      const trial = { ...TRIAL, block, target, replica, scenario: scenario.name, level };
      return { ...trial, state: stateOf(trial) };
    }),
  );
}

/** What a visit with one trial is thought to take, but for the target's start. */
function visitMs(plan: Plan): number {
  return blockMs(plan, { number: 1, visits: [{ target: 'direct', replica: 1, cells: [ONE] }] });
}

/** Measures what secondChances asks for until it asks for nothing; every one of them is void again. */
function measureAll(plan: Plan, share: number, first: readonly TrialRecord[]): TrialRecord[] {
  const trials = [...first];
  for (;;) {
    const [block] = secondChances(plan, trials, share).blocks;
    if (block === undefined) return trials.slice(first.length);
    for (const { target, replica, cells } of block.visits) {
      for (const { level, repeats } of cells) {
        const trial = { ...TRIAL, block: block.number, target, replica, scenario: scenario.name, level };
        trials.push({ ...trial, state: 'void', ...(repeats === undefined ? {} : { repeats }) });
      }
    }
  }
}

test('on a machine that is never quiet second chances end within their share of the plan', () => {
  for (const targets of [['direct'], ['direct', 'gw'], ['direct', 'a', 'b', 'c']]) {
    for (const blocks of [1, 3, 6]) {
      for (const share of [0, 0.25, 0.5, 1]) {
        const plan = planOf(targets, blocks, 500);
        const again = measureAll(
          plan,
          share,
          recordsOf(plan, () => 'void'),
        );
        assert.ok(
          again.length * visitMs(plan) <= share * plan.estimatedMs,
          `${targets.join(' ')} × ${blocks} at ${share}`,
        );
        const chances = again.filter(({ repeats }) => repeats !== undefined);
        const slots = new Set(chances.map(({ target, replica, repeats }) => `${target} ${replica} ${repeats}`));
        assert.equal(slots.size, chances.length, 'none is measured a third time');
      }
    }
  }
});

test('what is beside a second chance has none of its own', () => {
  const plan = planOf(['direct', 'gw'], 1);
  const again = measureAll(
    plan,
    3,
    recordsOf(plan, ({ target }) => (target === 'gw' ? 'void' : 'valid')),
  );
  assert.deepEqual(
    again.map(({ target, block, repeats }) => [target, block, repeats]),
    [
      ['direct', 2, undefined],
      ['gw', 2, 1],
      ['direct', 2, undefined],
    ],
  );
});

test('cells with the fewest valid trials come first, and what there is no time for is told', () => {
  const plan = planOf(['direct', 'a', 'b'], 4);
  // Of a one of four is void, of b all are.
  const trials = recordsOf(plan, ({ target, block }) =>
    target === 'b' || (target === 'a' && block === 1) ? 'void' : 'valid',
  );
  const { blocks, trials: planned, estimatedMs, without, short } = secondChances(plan, trials, 0.25);
  assert.deepEqual(
    blocks.flatMap(({ visits }) =>
      visits.flatMap(({ target, cells }) => cells.flatMap(({ repeats }) => (repeats === undefined ? [] : [target]))),
    ),
    ['a', 'b'],
  );
  assert.equal(planned, 4, 'two, and direct before and after');
  assert.equal(estimatedMs, 4 * visitMs(plan));
  assert.deepEqual(
    without.map(({ target }) => target),
    ['b', 'b', 'b'],
  );
  assert.deepEqual(short, { leftMs: 0, neededMs: 3 * visitMs(plan) }, 'b, and direct before and after');
});
