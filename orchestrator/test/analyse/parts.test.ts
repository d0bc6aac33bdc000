import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { withParts } from '#src/analyse/parts.js';
import { syntheticRun } from './synthetic-run.js';

const RUN = syntheticRun();

/** The run's first scenario as a mix, whose parts saw what the whole saw. */
function mixedRun() {
  const [first, ...others] = RUN.manifest.scenarios;
  assert.ok(first !== undefined);
  const mix = [
    { scenario: 'a', streaming: false, weight: 3 },
    { scenario: 'b', streaming: false, weight: 1 },
  ];
  const trials = RUN.trials.map((trial) =>
    trial.load === null || trial.scenario !== first.name
      ? trial
      : { ...trial, load: { ...trial.load, parts: mix.map(({ scenario }) => ({ name: scenario, load: trial.load })) } },
  );
  return {
    manifest: { ...RUN.manifest, scenarios: [{ ...first, about: '75 % a, 25 % b', mix }, ...others] },
    trials: trials as typeof RUN.trials,
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
