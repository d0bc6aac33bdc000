import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { withParts } from '#src/analyse/parts.js';
import type { LoadRecord, TrialRecord } from '#src/record/trial.js';
import { syntheticRun } from './synthetic-run.js';

const RUN = syntheticRun();

/** The run's first scenario as a mix, whose parts saw what the whole saw, but for their errors. */
function mixedRun(errorsOf: (part: string, load: LoadRecord) => LoadRecord['errors'] = (_part, { errors }) => errors) {
  const [first, ...others] = RUN.manifest.scenarios;
  assert.ok(first !== undefined);
  const mix = [
    { scenario: 'a', streaming: false, expectedErrorShare: 0, weight: 3 },
    { scenario: 'b', streaming: false, expectedErrorShare: 0.5, weight: 1 },
  ];
  const partOf = (load: LoadRecord, name: string) => {
    const errors = errorsOf(name, load);
    const failed = Object.values(errors).reduce((sum, count) => sum + (count ?? 0), 0);
    return { name, load: { ...load, errors, ok: load.scheduled - failed } };
  };
  const trials = RUN.trials.map((trial): TrialRecord => {
    const { load } = trial;
    if (load === null || trial.scenario !== first.name) return trial;
    return { ...trial, load: { ...load, parts: mix.map(({ scenario }) => partOf(load, scenario)) } };
  });
  return {
    manifest: { ...RUN.manifest, scenarios: [{ ...first, about: '75 % a, 25 % b', mix }, ...others] },
    trials,
    name: first.name,
  };
}

test('a run without a mix is as it was', () => {
  assert.equal(withParts(RUN).trials, RUN.trials);
});

test('each part of a mix has its own cells, at its share of the rate, and the mix keeps its own', () => {
  const { manifest, trials, name } = mixedRun();
  const before = analyse(RUN.manifest, RUN.trials);
  const summary = analyse(manifest, trials);
  const of = (scenario: string, cells = summary.cells) => cells.filter((cell) => cell.scenario === scenario);
  const latencies = (cells: typeof summary.cells) => cells.map(({ latencyUs }) => latencyUs.p50?.value);
  assert.deepEqual(of(name), of(name, before.cells));
  for (const [part, share] of [
    ['a', 0.75],
    ['b', 0.25],
  ] as const) {
    const cells = of(`${name}-${part}`);
    assert.deepEqual(latencies(cells), latencies(of(name)));
    assert.deepEqual(
      cells.map(({ level }) => level.value),
      of(name).map(({ level }) => level.value * share),
    );
    assert.ok(cells.every(({ memoryPeakBytes }) => memoryPeakBytes === null));
  }
  assert.ok(summary.findings.some(({ code, message }) => code === 'scenario' && message === `${name}: 75 % a, 25 % b`));
  assert.deepEqual(summary.run.blocks, before.run.blocks);
});

test('a part fails by its own errors, of which it may have as many as its scenario expects', () => {
  const half = mixedRun((_part, { scheduled }) => ({ status: Math.round(scheduled / 2) }));
  const states = ({ manifest, trials, name }: ReturnType<typeof mixedRun>, part: string) =>
    analyse(manifest, trials).cells.flatMap(({ target, scenario, level, state, reason }) =>
      target === 'direct' && scenario === `${name}-${part}` ? [[level.value, state, reason?.message]] : [],
    );
  assert.ok(states(half, 'a').length > 0);
  for (const [, state, message] of states(half, 'a'))
    assert.deepEqual(
      [state, message?.toString().replace(/\d+×/, 'n×')],
      ['failed', '50 % of the requests failed: status (n×)'],
    );
  assert.ok(states(half, 'b').every(([, state]) => state === 'ok'));
  const most = mixedRun((_part, { scheduled }) => ({ status: Math.round(scheduled * 0.9) }));
  assert.ok(states(most, 'b').every(([, state]) => state === 'failed'));
});
