import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import type { TrialRecord, TrialState } from '#src/record/trial.js';
import { syntheticRun } from './synthetic-run.js';

const { manifest, trials } = syntheticRun({ blocks: 2 });

/** crabllm's chat-minimal at 100 rps, of which the trials of these blocks ended so. */
function at100(state: TrialState, blocks: readonly number[], change: Partial<TrialRecord> = {}) {
  const changed = trials.map((trial) => {
    const { target, scenario, level, block } = trial;
    const one = target === 'crabllm' && scenario === 'chat-minimal' && level.value === 100 && blocks.includes(block);
    return one ? { ...trial, ...change, state } : trial;
  });
  const summary = analyse(manifest, changed);
  const cell = summary.cells.find(
    ({ target, scenario, level }) => target === 'crabllm' && scenario === 'chat-minimal' && level.value === 100,
  );
  return cell ?? assert.fail();
}

describe('levels and windows agree', () => {
  it('a target that kept up at a higher rate in every window is not saturated at a lower', () => {
    const cell = at100('saturated', [1, 2]);
    assert.equal(cell.state, 'invalid');
    assert.equal(cell.reason?.code, 'levels-disagree');
    assert.match(cell.reason.message, /^saturated at .*, while 1000 rps held in every window: not its limit/);
  });

  it('one that kept up as often as not is ok, with what its trials said', () => {
    const cell = at100('saturated', [1]);
    assert.equal(cell.state, 'ok');
    assert.equal(cell.blocks, 1);
  });

  it('one that keeps up at no higher rate stays saturated', () => {
    const { cells } = analyse(manifest, trials);
    const litellm = cells.filter(({ target, scenario }) => target === 'litellm' && scenario === 'chat-minimal');
    assert.deepEqual(
      litellm.map(({ state }) => state),
      ['ok', 'saturated', 'saturated'],
    );
  });

  it('a machine that had nothing left, and a single short window, are said', () => {
    const host = { cpus: 2, stealShare: 0, busyShare: 0.98, swappedBytes: 0, clockJumpMs: 0 };
    const busy = trials.map((trial) => ({ ...trial, host }));
    const first = busy
      .filter(({ block }) => block === 1)
      .map((trial) => ({ ...trial, load: trial.load === null ? null : { ...trial.load, windowMs: 333 } }));
    const reasonOf = (of: TrialRecord[]) =>
      analyse(manifest, of).cells.find(({ target, level }) => target === 'litellm' && level.value === 500)?.reason
        ?.message ?? '';
    assert.match(reasonOf(busy), /^saturated at 160\/500 rps, with the host 98 % busy$/);
    assert.match(reasonOf(first), /^saturated at 160\/500 rps in one window of 0\.3 s, with the host 98 % busy$/);
  });
});

describe('a closed loop on a full machine', () => {
  const finding = (busyShare: number) => {
    const host = { cpus: 2, stealShare: 0, busyShare, swappedBytes: 0, clockJumpMs: 0 };
    const { findings } = analyse(
      manifest,
      trials.map((trial) => ({ ...trial, host })),
    );
    return findings.find(({ code }) => code === 'machine-full');
  };

  it('is said to be throughput, with the cells that it is about', () => {
    const found = finding(0.99) ?? assert.fail();
    assert.match(found.message, /the host was 99 % busy or more/);
    const cells = found.evidence['cells'] as readonly { cell: string }[];
    assert.ok(cells.length > 0 && cells.every(({ cell }) => cell.includes('in flight')));
  });

  it('is not where there was room', () => assert.equal(finding(0.6), undefined));
});
