import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import type { TrialRecord } from '#src/record/trial.js';
import { syntheticRun } from './synthetic-run.js';

const { manifest, trials } = syntheticRun();
const LATE = { code: 'driver-late', message: 'late' };

const isCrabllm = ({ target, scenario, level }: TrialRecord): boolean =>
  target === 'crabllm' && scenario === 'chat-minimal' && level.value === 100;

function findingsOf(changed: readonly TrialRecord[]) {
  return analyse(manifest, changed).findings.filter(({ code }) => ['void-trials', 'selection'].includes(code));
}

describe('void trials', () => {
  it('are told with their figures although others took their place, and the cell says how many and why', () => {
    const again = trials
      .filter(isCrabllm)
      .map((trial) => ({ ...trial, block: trial.block + 100, repeats: trial.block }));
    const changed = trials.map((trial) =>
      isCrabllm(trial) ? { ...trial, state: 'void' as const, reason: LATE } : trial,
    );
    const summary = analyse(manifest, [...changed, ...again]);
    const cell = summary.cells.find(({ target, level }) => target === 'crabllm' && level.value === 100);
    assert.equal(cell?.state, 'ok');
    assert.deepEqual(cell.voidTrials, {
      trials: again.length,
      of: 2 * again.length,
      reasons: { 'driver-late': again.length },
    });
    const told = summary.findings.find(({ code }) => code === 'void-trials');
    assert.match(
      told?.message ?? '',
      /^4 of \d+ trials were void \(4 × driver-late\) and are in no figure: crabllm chat-minimal at 100 rps 4 of 8\. 4 were measured again/,
    );
    const [listed] = (told ?? assert.fail()).evidence['cells'] as {
      figures: { p50Us: number | null; code: string }[];
    }[];
    assert.equal(listed?.figures.length, 4);
  });

  it('say nothing where there are none', () => {
    assert.deepEqual(findingsOf(trials), []);
  });
});

describe('selection', () => {
  const withVoid = (isVoid: (trial: TrialRecord, nth: number) => boolean): TrialRecord[] =>
    trials.map((trial, nth) => (isVoid(trial, nth) ? { ...trial, state: 'void' as const, reason: LATE } : trial));

  it('is found where one target’s trials are void more often than the others’', () => {
    const found = findingsOf(withVoid(({ target, level }) => target === 'crabllm' && level.value !== 1000)).filter(
      ({ code }) => code === 'selection',
    );
    assert.deepEqual(
      found.map(({ target, severity }) => [target, severity]),
      [['crabllm', 'warning']],
    );
    assert.match(
      found[0]?.message ?? '',
      /^Of crabllm's trials \d+ of \d+ were void, of the others' 0 of \d+, which chance alone does in 0\.0 % /,
    );
  });

  it('is not found where a busy machine voids trials of everybody, or one of somebody', () => {
    assert.deepEqual(
      findingsOf(withVoid((_trial, nth) => nth % 5 === 0)).map(({ code }) => code),
      ['void-trials'],
    );
    const [first] = trials.filter(isCrabllm);
    assert.deepEqual(
      findingsOf(withVoid((trial) => trial === first)).map(({ code }) => code),
      ['void-trials'],
    );
  });
});
