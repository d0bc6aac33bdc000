import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SCENARIOS } from '#src/catalogue/scenarios.js';
import { type PlanRequest, makePlan } from '#src/plan/plan.js';
import { seededRandom, shuffled } from '#src/plan/random.js';

const scenario = (name: string) => SCENARIOS.find((candidate) => candidate.name === name) ?? assert.fail(name);

const REQUEST: PlanRequest = {
  seed: 7,
  targets: [
    { name: 'direct', kind: 'direct', identity: 'mock', startMs: 0 },
    { name: 'a', kind: 'gateway', identity: 'a:1', startMs: 1000 },
    { name: 'b', kind: 'external', identity: 'http://b', startMs: 0 },
  ],
  scenarios: [
    {
      scenario: scenario('chat-minimal'),
      levels: [
        { kind: 'rps', value: 100 },
        { kind: 'rps', value: 500 },
      ],
    },
    { scenario: scenario('chat-stream'), levels: [{ kind: 'rps', value: 100 }] },
  ],
  driver: 'native',
  blocks: 6,
  durationMs: 30_000,
  warmupMs: 1000,
};

test('a block holds every target once and direct twice, each with every cell', () => {
  const plan = makePlan(REQUEST);
  assert.equal(plan.blocks.length, 6);
  for (const block of plan.blocks) {
    assert.deepEqual(block.visits.map(({ target, replica }) => `${target}${replica}`).sort(), [
      'a1',
      'b1',
      'direct1',
      'direct2',
    ]);
    for (const visit of block.visits) {
      assert.deepEqual(visit.cells.map((cell) => `${cell.scenario.name} ${cell.level.value}`).sort(), [
        'chat-minimal 100',
        'chat-minimal 500',
        'chat-stream 100',
      ]);
    }
  }
});

test('the duration is split over the blocks and counted once', () => {
  const plan = makePlan(REQUEST);
  assert.equal(plan.measureMs, 5000);
  assert.equal(plan.cellCount, 9);
  assert.equal(plan.trialCount, 6 * 4 * 3);
  assert.equal(plan.measuredMs, plan.trialCount * 5000);
});

test('the estimate has starts, windows, what lies around them, and the warm-ups of each visit', () => {
  const plan = makePlan(REQUEST);
  const visits = 6 * 4;
  // In whichever order: the first trial is that of a fresh target, the other scenario's is warmed whole, the third trial half as long.
  const warmMs = visits * (2000 + 1000 + 500);
  assert.equal(plan.estimatedMs, 6 * 1000 + warmMs + plan.measuredMs + plan.trialCount * 400);
  assert.equal(makePlan({ ...REQUEST, driver: 'oha' }).estimatedMs - plan.estimatedMs, plan.trialCount * 800);
});

test('of the ordinary plan a fifth at most lies beside measuring', () => {
  const levels = [100, 500, 1000, 2000, 5000].map((value) => ({ kind: 'rps', value }) as const);
  const names = ['chat-minimal', 'chat-stream', 'embeddings'];
  const gateways = ['a', 'b', 'c'].map((name) => ({ name, kind: 'gateway', identity: name, startMs: 4000 }) as const);
  const { measuredMs, estimatedMs } = makePlan({
    ...REQUEST,
    targets: [{ name: 'direct', kind: 'direct', identity: 'mock', startMs: 500 }, ...gateways],
    scenarios: names.map((name) => ({ scenario: scenario(name), levels })),
  });
  assert.ok(1 - measuredMs / estimatedMs <= 0.2, `${1 - measuredMs / estimatedMs}`);
});

test('equal seeds give equal plans, other seeds other orders', () => {
  const order = (seed: number) =>
    JSON.stringify(makePlan({ ...REQUEST, seed }).blocks.map(({ visits }) => visits.map(({ target }) => target)));
  assert.equal(order(7), order(7));
  assert.notEqual(order(7), order(8));
});

test('the digest changes with whatever makes trials incomparable', () => {
  const digest = (change: Partial<PlanRequest>) => makePlan({ ...REQUEST, ...change }).digest;
  assert.equal(digest({}), digest({}));
  const [direct, a, b] = REQUEST.targets;
  assert.ok(direct && a && b);
  for (const change of [
    { blocks: 3 },
    { durationMs: 10_000 },
    { driver: 'oha' },
    { warmupMs: 0 },
    { targets: [direct, { ...a, identity: 'a:2' }, b] },
  ]) {
    assert.notEqual(digest(change), digest({}), JSON.stringify(change));
  }
});

test('shuffling keeps every item, whatever the seed', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
      const ascending = (a: number, b: number) => a - b;
      assert.deepEqual(shuffled(items, seededRandom(seed)).sort(ascending), [...items].sort(ascending));
    }),
  );
});

test('random numbers are uniform in [0, 1)', () => {
  const random = seededRandom(1);
  const counts = Array.from({ length: 10 }, () => 0);
  for (let i = 0; i < 100_000; i += 1) {
    const bin = Math.floor(random() * 10);
    counts[bin] = (counts[bin] ?? Number.NaN) + 1;
  }
  const chiSquare = counts.reduce((sum, n) => sum + (n - 10_000) ** 2 / 10_000, 0);
  assert.ok(chiSquare < 27.9, `chi-square ${chiSquare} is beyond the 99.9 % quantile for 9 degrees of freedom`);
});

const PAIR: PlanRequest = { ...REQUEST, targets: REQUEST.targets.slice(1), paired: true };

test('a pair has one visit a block, the same cells for both, and either has the first turn now and then', () => {
  const plan = makePlan({ ...PAIR, blocks: 20 });
  assert.deepEqual(plan.pair, { a: 'a', b: 'b' });
  assert.equal(plan.trialCount, 20 * 2 * 3);
  const firsts = plan.blocks.map(({ visits: [visit, ...more] }) => {
    assert.deepEqual(more, []);
    assert.deepEqual(new Set([visit?.target, visit?.beside]), new Set(['a', 'b']));
    assert.equal(visit?.cells.length, 3);
    return visit?.target;
  });
  assert.deepEqual(new Set(firsts), new Set(['a', 'b']));
  assert.deepEqual(makePlan({ ...PAIR, blocks: 20 }), plan, 'drawn by the seed alone');
});

test('a pair takes half the time of two visits, and is another plan than they are', () => {
  const [together, apart] = [makePlan(PAIR), makePlan({ ...PAIR, paired: false })];
  const starts = PAIR.blocks * 1000;
  assert.equal(2 * (together.estimatedMs - starts), apart.estimatedMs - starts);
  assert.notEqual(together.digest, apart.digest);
});

test('a pair is of two, and direct is neither', () => {
  for (const targets of [REQUEST.targets, REQUEST.targets.slice(0, 2), REQUEST.targets.slice(2), []])
    assert.throws(() => makePlan({ ...PAIR, targets }), RangeError);
});
