import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type History, type HistoryLine, historyOf, isWorse } from '#src/analyse/history/history.js';
import { figuresOf } from '#src/analyse/history/run-figures.js';
import type { Manifest } from '#src/record/manifest.js';
import type { StoredRun } from '#src/record/run-directory.js';
import { breakLines, changeTexts, historyHeadline, smallestLine } from '#src/report/history-rows.js';
import { historyRuns, PLANTED } from './history-runs.js';

const history = (runs: readonly StoredRun[]): History => historyOf(runs.map((run) => figuresOf(run, null)));

const isPlanted = ({ target, scenario, level, name }: HistoryLine): boolean =>
  target === PLANTED.target && scenario === PLANTED.scenario && level.value === PLANTED.level.value && name === 'cpu';

function changed(runs: readonly StoredRun[], from: number, change: (manifest: Manifest) => Manifest): StoredRun[] {
  return runs.map((run, i) => (i + 1 >= from ? { ...run, manifest: change(run.manifest) } : run));
}

describe('thirty runs with a step of 5 % in one figure', () => {
  const runs = historyRuns(30, { from: 19, factor: 1.05 });
  const told = history(runs.toReversed());

  test('the step is found, dated, and nothing else is', () => {
    assert.ok(told.lines.length > 20, String(told.lines.length));
    const [line, ...others] = told.lines.filter(({ changes }) => changes.length > 0);
    assert.ok(line !== undefined && isPlanted(line));
    assert.deepEqual(others, []);
    // A step of four standard deviations is dated to the run or one beside it.
    const [found] = line.changes;
    assert.ok(line.changes.length === 1 && found?.verdict === 'worse' && Math.abs(found.run - 18) <= 1);
    const share = (line.changes[0]?.behind ?? 0) / (line.changes[0]?.before ?? 1) - 1;
    assert.ok(Math.abs(share - 0.05) < 0.015, String(share));
    assert.ok(isWorse(told));
    assert.match(historyHeadline(told), /^30 runs, \d+ figures: 1 last changed for the worse, 0 for the better$/);
    assert.match(
      changeTexts({ history: told, leftOut: [], repository: null }).join('\n'),
      /^▲ crabllm chat-minimal 100 rps cpu \+\d\.\d %, worse, since run night-(18|19|20) of 2026-02-(18|19|20) 03:00 UTC$/,
    );
  });

  test('no newest run is told to differ from those before it, and what one would have shown is said', () => {
    for (const { newest } of told.lines) assert.equal('absent' in newest ? '' : newest.verdict, 'cannot-be-told');
    assert.match(smallestLine(told), /cpu \d+\.\d %/);
    const smallest = told.lines
      .filter(({ name }) => name === 'cpu')
      .map(({ newest }) => ('absent' in newest ? 1 : newest.smallest));
    assert.ok(
      smallest.every((share) => share >= 0.03 && share < 0.12),
      smallest.join(),
    );
  });

  test('the same runs without the step show nothing', () => {
    const without = history(historyRuns(30, null));
    assert.deepEqual(
      without.lines.filter(({ last }) => last !== null),
      [],
    );
    assert.ok(!isWorse(without));
  });
});

describe('the newest run', () => {
  test('a large step is told of it alone, by the spread of those before', () => {
    const told = history(historyRuns(14, { from: 14, factor: 1.25 }));
    const steps = told.lines.filter(({ newest }) => !('absent' in newest) && newest.verdict !== 'cannot-be-told');
    assert.deepEqual(steps.map(isPlanted), [true]);
    const { newest } = steps[0] as HistoryLine;
    assert.ok(
      !('absent' in newest) && newest.spread === 'history' && newest.verdict === 'worse' && newest.runsBefore === 13,
    );
    assert.ok(newest.change.low / newest.before < 0.25 && newest.change.high / newest.before > 0.25);
    assert.ok(isWorse(told));
  });

  test('before ten runs the stated spread hides what is less than it; a smaller one that was recorded shows it', () => {
    const runs = historyRuns(6, { from: 6, factor: 1.15 });
    const of = (told: History): HistoryLine['newest'] | undefined => told.lines.find(isPlanted)?.newest;
    const stated = of(history(runs));
    assert.ok(stated !== undefined && !('absent' in stated));
    assert.deepEqual([stated.verdict, stated.spread], ['cannot-be-told', 'default']);
    const runToRun = { source: 'calibrate', overhead: 0.03, latency: 0.03, cpu: 0.015, memory: 0.015 } as const;
    const recorded = of(history(changed(runs, 1, (manifest) => ({ ...manifest, runToRun }))));
    assert.ok(recorded !== undefined && !('absent' in recorded));
    assert.deepEqual([recorded.verdict, recorded.spread], ['worse', 'calibrate']);
    assert.ok(recorded.smallest < stated.smallest);
  });

  test('one run has nothing before it', () => {
    const told = history(historyRuns(1, null));
    assert.deepEqual(
      [...new Set(told.lines.map(({ newest }) => ('absent' in newest ? newest.absent : '')))],
      ['no comparable run before it'],
    );
    assert.ok(!isWorse(told));
  });

  test('a gateway that keeps up no more in any trial is worse', () => {
    const runs = historyRuns(3, null).map((run, i) => ({
      ...run,
      trials: run.trials.map((trial) =>
        i === 2 && trial.target === 'portkey'
          ? { ...trial, state: 'saturated' as const, reason: { code: 'saturated', message: 'stood at 40 of 100 rps' } }
          : trial,
      ),
    }));
    const told = history(runs);
    assert.deepEqual(
      told.lost.filter(({ worse }) => worse).map(({ target, scenario, state }) => [target, scenario, state]),
      [
        ['portkey', 'chat-minimal', 'saturated'],
        ['portkey', 'chat-stream', 'saturated'],
      ],
    );
    assert.ok(isWorse(told));
    const elsewhere = history(changed(runs, 3, (manifest) => ({ ...manifest, host: { cpus: 1 } })));
    assert.ok(!isWorse(elsewhere));
  });
});

describe('what ends a series', () => {
  test('another machine does, for every target, and nothing is told across it', () => {
    const runs = changed(historyRuns(12, { from: 7, factor: 2 }), 7, (manifest) => ({
      ...manifest,
      host: { ...manifest.host, cpuModel: 'Another CPU' },
    }));
    const told = history(runs);
    for (const { breaks, changes } of told.lines)
      assert.deepEqual({ breaks: breaks.map(({ run }) => run), changes }, { breaks: [6], changes: [] });
    assert.deepEqual(breakLines(told), [
      'a new series begins with run night-07 of 2026-02-07 03:00 UTC (direct, crabllm, litellm, portkey): host cpuModel: "Example CPU" before, "Another CPU" from here on',
    ]);
  });

  test('our own version alone does not; it stands at the run', () => {
    const runs = changed(historyRuns(4, null), 3, (manifest) => ({
      ...manifest,
      versions: { ...manifest.versions, 'crabllm-bench': '9.9.9' },
      targets: manifest.targets.map((target) => (target.kind === 'direct' ? { ...target, version: '9.9.9' } : target)),
    })).map((run, i) => ({
      ...run,
      trials: run.trials.map((trial) =>
        i < 2 || trial.load === null
          ? trial
          : { ...trial, load: { ...trial.load, driver: { ...trial.load.driver, version: '9.9.9' } } },
      ),
    }));
    const told = history(runs);
    assert.deepEqual([...new Set(told.lines.flatMap(({ breaks }) => breaks))], []);
    assert.deepEqual(
      told.runs.map(({ version }) => version),
      ['0.1.0', '0.1.0', '9.9.9', '9.9.9'],
    );
  });

  test('limits of one gateway end its series and no other', () => {
    const runs = changed(historyRuns(4, null), 2, (manifest) => ({
      ...manifest,
      targets: manifest.targets.map((target) =>
        target.name === 'portkey' ? { ...target, limits: { ...target.limits, cpus: 2 } } : target,
      ),
    }));
    const broken = history(runs).lines.filter(({ breaks }) => breaks.length > 0);
    assert.deepEqual([...new Set(broken.map(({ target }) => target))], ['portkey']);
  });

  test('versions of one gateway stand in one line, two of one run in two', () => {
    const named = (name: string, runs: readonly StoredRun[]): StoredRun[] =>
      runs.map((run) => ({
        manifest: {
          ...run.manifest,
          targets: run.manifest.targets.map((target) => (target.name === 'crabllm' ? { ...target, name } : target)),
        },
        trials: run.trials.map((trial) => (trial.target === 'crabllm' ? { ...trial, target: name } : trial)),
      }));
    const runs = historyRuns(2, null);
    const told = history([...named('crabllm@1', runs.slice(0, 1)), ...named('crabllm@2', runs.slice(1))]);
    const line = told.lines.find(isPlanted);
    assert.equal(line?.points.length, 2);
  });
});
