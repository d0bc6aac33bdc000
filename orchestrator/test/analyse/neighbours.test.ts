import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { summarySchema } from '#src/record/summary.js';
import type { Distribution, LoadRecord, TrialRecord } from '#src/record/trial.js';
import { neighbourTables } from '#src/report/neighbour-rows.js';
import { RUN } from './mixed-run.js';
import { lehmer, lognormalDistribution } from './synthetic-run.js';

const WITHOUT = ['neighbour-none', 'neighbour-none-again'];

/** Latencies about a median that is the block's. */
function latencies(seed: number, block: number, factor = 1): Distribution {
  const medianUs = 1000 * (1 + block / 50) * factor;
  return lognormalDistribution(lehmer(seed), { medianUs, sigma: 0.2, perSecond: 200, seconds: 4 });
}

/** The run's first scenario without a neighbour, twice, and beside one that makes chats of crabllm slower by a factor. */
function run(factor: number, parts: (load: LoadRecord) => Partial<LoadRecord> = () => ({})) {
  const [first] = RUN.manifest.scenarios;
  assert.ok(first !== undefined);
  const levels = first.levels.slice(0, 1);
  const mix = ['chats', 'contexts'].map((scenario, i) => ({
    scenario,
    streaming: false,
    expectedErrorShare: 0,
    weight: 1,
    rps: i === 0 ? ('level' as const) : 10,
  }));
  const own = RUN.trials.filter(({ scenario, level }) => scenario === first.name && level.value === levels[0]?.value);
  const trials = own.flatMap((trial, i): TrialRecord[] => {
    const { load } = trial;
    if (load === null) return [];
    const slow = trial.target === 'crabllm' ? factor : 1;
    const seen = { ...load, latencyUs: latencies(3 * i, trial.block, slow) };
    const beside = {
      ...load,
      parts: [
        { name: 'chats', load: { ...seen, ...parts(load) } },
        { name: 'contexts', load },
      ],
    };
    return [
      ...WITHOUT.map((scenario, k) => ({
        ...trial,
        scenario,
        load: { ...load, latencyUs: latencies(3 * i + 1 + k, trial.block) },
      })),
      { ...trial, scenario: 'neighbour-contexts', load: beside },
    ];
  });
  const plain = WITHOUT.map((name) => ({ ...first, name, levels }));
  const against = { part: 'chats', scenarios: WITHOUT };
  const scenarios = [...plain, { ...first, name: 'neighbour-contexts', levels, about: 'beside', mix, against }];
  return summarySchema.parse(analyse({ ...RUN.manifest, scenarios }, trials));
}

test('a neighbour that slows the chats of one target is told of that one, and of no other', () => {
  const { neighbours = [] } = run(2);
  const verdicts = Object.fromEntries(
    neighbours.filter(({ state }) => state === 'ok').map(({ target, movedUs }) => [target, movedUs?.p50?.verdict]),
  );
  assert.equal(verdicts['crabllm'], 'above');
  assert.ok(Object.entries(verdicts).every(([target, verdict]) => target === 'crabllm' || verdict === 'within-noise'));
  const moved = neighbours.find(({ target }) => target === 'crabllm')?.movedUs?.p50;
  assert.ok(
    moved !== undefined && moved.low > 0 && Math.abs((moved.ratio?.value ?? 0) - 2) < 0.1,
    JSON.stringify(moved),
  );
});

test('parts with schedules of their own stand at their own rates, and not at a share of the level', () => {
  const { cells } = run(1);
  const levelOf = (scenario: string) => cells.find((cell) => cell.scenario === scenario)?.level.value;
  assert.equal(levelOf('neighbour-contexts-chats'), levelOf('neighbour-none'));
  assert.equal(levelOf('neighbour-contexts-contexts'), 10);
});

test('chats that fail beside the neighbour have no figure and say why', () => {
  const { neighbours = [], cells } = run(1, ({ scheduled }) => ({ ok: 0, errors: { status: scheduled } }));
  assert.ok(neighbours.length > 0);
  for (const { state, reason, movedUs } of neighbours.filter((effect) => effect.state !== 'absent')) {
    assert.equal(movedUs, undefined);
    assert.equal(state, 'failed');
    assert.match(reason?.message ?? '', /^neighbour-contexts-chats: 100 % of the requests failed/);
  }
  const [table] = neighbourTables({ neighbours, cells });
  assert.deepEqual(table?.rows, []);
  assert.ok(
    table?.notes.some((note) => note.startsWith('crabllm: neighbour-contexts-chats: 100 %')),
    table?.notes.join('; '),
  );
  assert.ok(neighbours.some(({ state, reason }) => state === 'absent' && /not on PATH/.test(reason?.message ?? '')));
});

test('a run without neighbours says nothing of them', () => {
  assert.equal(analyse(RUN.manifest, RUN.trials).neighbours, undefined);
});
