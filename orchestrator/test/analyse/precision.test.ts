import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { wideIntervals } from '#src/analyse/precision.js';
import { syntheticRun } from './synthetic-run.js';

const shifts = syntheticRun();
const joined = syntheticRun({ ledger: true });

describe('wideIntervals', () => {
  it('finds none that is wide when everything goes, and more the more is asked for', () => {
    const summary = analyse(shifts.manifest, shifts.trials);
    const counts = [10, 0.2, 0.1, 0.05, 0.001].map((share) => wideIntervals(summary, share).length);
    assert.equal(counts[0], 0);
    assert.deepEqual(
      counts,
      counts.toSorted((a, b) => a - b),
    );
    // 14 cells of gateways with figures, three quantiles each.
    assert.equal(counts.at(-1), 42);
  });

  it('judges by the headline, and by the half-width over the overhead', () => {
    for (const [run, by] of [
      [shifts, 'quantile-shift'],
      [joined, 'per-request'],
    ] as const) {
      const summary = analyse(run.manifest, run.trials);
      const [first] = wideIntervals(summary, 0.001);
      assert.equal(first?.by, by);
      const cell = summary.cells.find(({ target, scenario }) => target === first.target && scenario === first.scenario);
      const overhead = by === 'per-request' ? cell?.perRequest?.overheadUs.p50 : cell?.overheadUs?.p50;
      assert.ok(overhead);
      assert.equal(first.halfWidthUs, (overhead.high - overhead.low) / 2);
      assert.equal(first.wantedUs, 0.001 * overhead.value);
    }
  });

  it('holds an overhead of next to nothing against direct, which it could never be told from otherwise', () => {
    const trials = shifts.trials.map((trial) => {
      const twin = shifts.trials.find(
        ({ target, replica, block, scenario, level }) =>
          target === 'direct' &&
          replica === 1 &&
          block === trial.block &&
          scenario === trial.scenario &&
          level === trial.level,
      );
      return trial.target === 'crabllm' ? { ...trial, load: twin?.load ?? null } : trial;
    });
    const summary = analyse(shifts.manifest, trials);
    const [first] = wideIntervals(summary, 0.0001).filter(({ target }) => target === 'crabllm');
    const direct = summary.cells.find(({ target, scenario }) => target === 'direct' && scenario === first?.scenario);
    assert.equal(first?.wantedUs, 0.0001 * (direct?.latencyUs.p50?.value ?? 0));
  });

  it('says how many blocks would do, or that direct itself is in the way', () => {
    const summary = analyse(shifts.manifest, shifts.trials);
    const wide = wideIntervals(summary, 0.05);
    const near = wide.filter(({ halfWidthUs, wantedUs }) => halfWidthUs ** 2 <= 10 * wantedUs ** 2);
    assert.ok(near.length > 0);
    for (const { why } of near) assert.match(why, /about \d+ (would do|blocks) \(there are 4\)/);
    const one = syntheticRun({ blocks: 1 });
    const [single] = wideIntervals(analyse(one.manifest, one.trials), 0.001);
    assert.equal(single?.why, 'one block says nothing of how blocks differ');
  });

  it('forecasts no more than ten times as many blocks', () => {
    const summary = analyse(shifts.manifest, shifts.trials);
    for (const share of [0.0001, 0])
      for (const { why } of wideIntervals(summary, share))
        assert.match(
          why,
          /; it would take more than 10 times as many blocks \(there are 4\): out of reach on this machine today$/,
        );
  });
});

describe('the finding about precision', () => {
  const told = (share: number, endedBy: 'reached' | 'budget' | 'open') => {
    const manifest = { ...shifts.manifest, precision: { share, maxBlocks: 30, budgetMs: null, endedBy } };
    return analyse(manifest, shifts.trials).findings.map(({ code, message }) => ({ code, message }));
  };

  it('says that it was reached', () => {
    assert.deepEqual(told(10, 'reached'), [
      { code: 'precision-reached', message: 'Every overhead is known to ±1000 %: the precision was reached.' },
    ]);
  });

  it('says that it was reached, or not, before the run was ended early', () => {
    assert.match(told(10, 'open')[0]?.message ?? '', /±1000 %: the run was ended early\.$/);
    assert.match(told(0.05, 'open')[0]?.message ?? '', /wider than ±5 % when the run was ended early: /);
  });

  it('names the widest that are left, why, and what ended the run', () => {
    const [found] = told(0.05, 'budget');
    assert.equal(found?.code, 'precision-missed');
    assert.match(
      found.message,
      /^\d+ overhead intervals are wider than ±5 % when the --budget was used up: \w+ [a-z-]+ at .*, p\d+: ±\d+ % \(/,
    );
  });
});
