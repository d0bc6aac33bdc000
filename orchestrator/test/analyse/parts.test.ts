import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { withParts } from '#src/analyse/parts.js';
import type { TrialRecord } from '#src/record/trial.js';
import { mixedRun, RUN } from './mixed-run.js';
import { syntheticRun } from './synthetic-run.js';

test('a run without a mix is as it was', () => {
  assert.equal(withParts(RUN).trials, RUN.trials);
});

test('each part of a mix has its own cells, at its share of the rate, and the mix keeps its own', () => {
  const { manifest, trials, name } = mixedRun();
  const before = analyse(RUN.manifest, RUN.trials);
  const summary = analyse(manifest, trials);
  const of = (scenario: string, cells = summary.cells) => cells.filter((cell) => cell.scenario === scenario);
  const latencies = (cells: typeof summary.cells) => cells.map(({ latencyUs }) => latencyUs.p50?.value);
  // All but the intervals: the parts are cells of the run as any other, and lend their spread.
  const figures = (cells: typeof summary.cells) =>
    cells.map(({ latencyUs, overheadUs, ...cell }) => ({
      ...cell,
      verdict: overheadUs?.p50?.verdict,
      p50: latencyUs.p50?.value,
    }));
  assert.deepEqual(figures(of(name)), figures(of(name, before.cells)));
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

test('a part that was not drawn in a trial has not failed in it', () => {
  const { manifest, trials, name } = mixedRun();
  const undrawn = trials.map((trial): TrialRecord => {
    const { load } = trial;
    if (load?.parts === undefined) return trial;
    const { parts: _drawn, ...figures } = load;
    const none = { ...figures, scheduled: 0, ok: 0, errors: {}, achievedRps: 0 };
    return { ...trial, load: { ...load, parts: [{ name: 'a', load: none }] } };
  });
  const part = analyse(manifest, undrawn).cells.find((cell) => cell.scenario === `${name}-a`);
  assert.deepEqual([part?.state, part?.requests], ['ok', 0]);
});

test('a part has the per-request overhead of its own requests, and what was found of single ones stays with the mix', () => {
  const { manifest, trials, name } = mixedRun();
  const known = syntheticRun({ ledger: true }).trials;
  const joined = trials.map((trial, i): TrialRecord => {
    const ledger = known[i]?.ledger ?? null;
    if (ledger === null || trial.scenario !== name) return trial;
    const { sharedClock: _clock, overwritten: _lost, missing: _missing, strange: _strange, ...rest } = ledger;
    const { repeated: _repeated, aborts: _aborts, buffered: _buffered, upstreamConnections: _own, ...figures } = rest;
    return { ...trial, ledger: { ...ledger, missing: 900, parts: [{ name: 'a', ledger: figures }] } };
  });
  const { cells, findings } = analyse(manifest, joined);
  const of = (scenario: string) => cells.filter((cell) => cell.scenario === scenario && cell.target === 'crabllm');
  const overheads = (scenario: string) => of(scenario).map(({ perRequest }) => perRequest?.overheadUs.p50?.value);
  assert.ok(overheads(name).every((value) => value !== undefined));
  assert.deepEqual(overheads(`${name}-a`), overheads(name));
  assert.ok(of(`${name}-b`).every(({ perRequest }) => perRequest === undefined));
  const elsewhere = findings.filter(({ code }) => code === 'answered-elsewhere').map(({ scenario }) => scenario);
  assert.ok(elsewhere.length > 0 && elsewhere.every((scenario) => scenario === name));
});
