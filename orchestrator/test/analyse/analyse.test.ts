import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { type CellSummary, type Summary, summarySchema } from '#src/record/summary.js';
import type { TrialRecord } from '#src/record/trial.js';
import { syntheticRun } from './synthetic-run.js';

function cellOf({ cells }: Summary, target: string, scenario: string, value: number): CellSummary {
  const found = cells.find(
    (cell) => cell.target === target && cell.scenario === scenario && cell.level.value === value,
  );
  assert.ok(found);
  return found;
}

describe('analyse', () => {
  const { manifest, trials } = syntheticRun();
  const summary = analyse(manifest, trials);

  it('keeps the contract', () => {
    assert.deepEqual(summarySchema.parse(summary), summary);
  });

  it('gives every planned cell its row, in the order of the plan', () => {
    const planned = manifest.targets.flatMap(({ name }) =>
      manifest.scenarios.flatMap((scenario) => scenario.levels.map((level) => [name, scenario.name, level.value])),
    );
    assert.deepEqual(
      summary.cells.map(({ target, scenario, level }) => [target, scenario, level.value]),
      planned,
    );
  });

  it('does not depend on the order of the trials', () => {
    assert.deepEqual(analyse(manifest, trials.toReversed()), summary);
  });

  it('makes one cell of the two replicas of direct, without an overhead', () => {
    const direct = cellOf(summary, 'direct', 'chat-minimal', 500);
    assert.deepEqual([direct.blocks, direct.requests, direct.achievedRps], [4, 8 * 2500, 500]);
    assert.equal(direct.overheadUs, undefined);
  });

  it('recovers what was planted', () => {
    const { overheadUs, cpuUsPerRequest, memoryPeakBytes, successRate } = cellOf(
      summary,
      'crabllm',
      'chat-minimal',
      500,
    );
    assert.ok(overheadUs?.p50 && overheadUs.p50.low < 350 && overheadUs.p50.high > 350);
    assert.equal(overheadUs.p50.verdict, 'above');
    assert.deepEqual([cpuUsPerRequest, memoryPeakBytes, successRate], [110, 22 * 1024 ** 2, 1]);
  });

  it('shows no latency of a target that did not keep up', () => {
    const cell = cellOf(summary, 'litellm', 'chat-stream', 500);
    assert.deepEqual([cell.state, cell.reason?.message], ['saturated', 'saturated at 160/500 rps']);
    assert.deepEqual([cell.latencyUs, cell.ttftUs, cell.gapUs, cell.overheadUs], [{}, {}, {}, {}]);
    assert.deepEqual([cell.achievedRps, cell.successRate, cell.throttledMs], [160, 0.32, 50]);
  });

  it('has times to first token and gaps for streams only', () => {
    assert.ok(cellOf(summary, 'crabllm', 'chat-stream', 100).ttftUs?.p50);
    assert.equal(cellOf(summary, 'crabllm', 'chat-minimal', 100).ttftUs, undefined);
  });

  it('says why an absent target has no figures', () => {
    const cell = cellOf(summary, 'bifrost', 'chat-minimal', 100);
    assert.deepEqual([cell.state, cell.reason?.code, cell.requests], ['absent', 'not-installed', 0]);
    assert.deepEqual([cell.achievedRps, cell.memoryPeakBytes, cell.cpuUsPerRequest], [null, null, null]);
  });

  it('makes a smaller valid summary of an interrupted run', () => {
    const early = trials.filter(({ block, scenario }) => block === 1 && scenario === 'chat-minimal');
    const partial = analyse({ ...manifest, complete: false, finishedAt: null }, early);
    assert.deepEqual(summarySchema.parse(partial), partial);
    assert.deepEqual(partial.run.blocks, { planned: 4, done: 0 });
    assert.equal(cellOf(partial, 'crabllm', 'chat-minimal', 100).state, 'ok');
    assert.equal(cellOf(partial, 'crabllm', 'chat-stream', 100).reason?.code, 'not-reached');
    assert.deepEqual(
      partial.findings.map(({ code }) => code),
      ['run-incomplete', 'single-block', ...partial.findings.slice(2).map(({ code }) => code)],
    );
    assert.doesNotThrow(() => analyse(manifest, []));
  });

  it('takes the last of two trials of the same cell, block and replica', () => {
    const [first, ...rest] = trials;
    assert.ok(first);
    const voided = { ...first, state: 'void' as const, reason: { code: 'clock-jump', message: 'the clock jumped' } };
    assert.deepEqual(analyse(manifest, [voided, first, ...rest]), summary);
  });

  it('counts a block as done when every cell that could be had was tried in it', () => {
    assert.deepEqual(summary.run.blocks, { planned: 4, done: 4 });
    const missing = trials.filter(({ block, target }) => block !== 4 || target !== 'portkey');
    assert.equal(analyse(manifest, missing).run.blocks.done, 3);
    const once = trials.filter(({ block, target, replica }) => block !== 4 || target !== 'direct' || replica === 1);
    assert.equal(analyse({ ...manifest, complete: false }, once).run.blocks.done, 3);
  });
});

describe('void trials', () => {
  const { manifest, trials } = syntheticRun();
  const isVoided = ({ target, scenario, level, block }: TrialRecord): boolean =>
    target === 'crabllm' && scenario === 'chat-minimal' && level.value === 500 && block === 2;
  const reason = { code: 'steal', message: 'the hypervisor took 30 % of the CPU time' };
  const voided = trials.map((trial) => (isVoided(trial) ? { ...trial, state: 'void' as const, reason } : trial));
  const cell = (summary: Summary) => cellOf(summary, 'crabllm', 'chat-minimal', 500);
  const repeatedOf = (state: TrialRecord['state']) => [
    ...voided,
    ...trials
      .filter((trial) => isVoided(trial))
      .map((trial) => ({ ...trial, block: 5, repeats: 2, state, reason: state === 'void' ? reason : null })),
  ];

  it('are replaced by the trial that was measured in their place', () => {
    const summary = analyse(manifest, repeatedOf('valid'));
    const { state, blocks, requests } = cell(summary);
    assert.deepEqual([state, blocks, requests], ['ok', 4, 4 * 2500]);
    assert.equal(summary.run.blocks.done, 4);
    assert.ok(summary.findings.some(({ code }) => code === 'void-trials'));
    assert.ok(!summary.findings.some(({ code }) => code === 'mixed-trials'));
  });

  it('make the cell invalid when all there is stays void', () => {
    const only = repeatedOf('void').filter((trial) => !isVoided({ ...trial, block: 2 }) || trial.state === 'void');
    const { state, reason: why } = cell(analyse(manifest, only));
    assert.deepEqual([state, why?.code], ['invalid', 'steal']);
  });
});
