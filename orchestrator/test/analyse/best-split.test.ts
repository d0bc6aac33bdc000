import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyse, analysedCells } from '#src/analyse/analyse.js';
import { adviceOf, bestSplit, describeAdvice, reachOf, windowFor } from '#src/analyse/best-split.js';
import { componentsOf } from '#src/analyse/components.js';
import type { Manifest } from '#src/record/manifest.js';
import { bareRun } from './bare-run.js';
import { simulate } from './nested-run.js';

const meanSd = (values: readonly (number | null)[]): number =>
  Math.sqrt(values.reduce<number>((sum, value) => sum + (value ?? assert.fail()), 0) / values.length);

describe('components of variance', () => {
  it('are recovered from simulated records', () => {
    const truth = { block: 0.2, start: 0.1, second: 0.15 };
    const runs = Array.from({ length: 12 }, (_, i) =>
      simulate(truth, { blocks: 9, seconds: 4, besideS: 2 }, 100 + i),
    ).map(({ cells }) => componentsOf(cells) ?? assert.fail());
    const found = {
      block: meanSd(runs.map(({ block }) => block)),
      start: meanSd(runs.map(({ start }) => start)),
      second: meanSd(runs.map(({ second }) => second)),
    };
    // Against direct, which was started twice: half of its variance comes to that of the target. The medians of a window of four seconds
    // scatter a little more than their mean would, which is seen between starts.
    const beside = Math.sqrt(1.5);
    assert.ok(Math.abs(found.block / truth.block - 1) < 0.15, `block ${found.block}`);
    assert.ok(Math.abs(found.second / (truth.second * beside) - 1) < 0.1, `second ${found.second}`);
    assert.ok(Math.abs(found.start / (truth.start * beside) - 1) < 0.25, `start ${found.start}`);
    assert.equal(runs[0]?.cells, 8);
  });

  it('see nothing between starts where only seconds differ, and nothing within where only starts do', () => {
    const shape = { blocks: 9, seconds: 6, besideS: 2 };
    const seconds = Array.from(
      { length: 8 },
      (_, i) => componentsOf(simulate({ block: 0, start: 0, second: 0.2 }, shape, 20 + i).cells) ?? assert.fail(),
    );
    // Of what six seconds leave in a window, √(0.06/6) = 10 %, less than half is taken for starts.
    assert.ok(meanSd(seconds.map(({ start }) => start)) < 0.07, String(meanSd(seconds.map(({ start }) => start))));
    const starts = componentsOf(simulate({ block: 0, start: 0.2, second: 0 }, shape, 4).cells) ?? assert.fail();
    assert.ok(Math.sqrt(starts.second) < 0.01 && Math.abs(Math.sqrt(starts.start) / (0.2 * Math.sqrt(1.5)) - 1) < 0.3);
  });

  it('are not told from one second, from two blocks, or from records without seconds', () => {
    const truth = { block: 0, start: 0.1, second: 0.1 };
    assert.equal(componentsOf(simulate(truth, { blocks: 9, seconds: 1, besideS: 2 }, 5).cells), null);
    assert.equal(componentsOf(simulate(truth, { blocks: 2, seconds: 5, besideS: 2 }, 5).cells), null);
    const bare = bareRun({ a: { direct: [1, 2, 3, 4], gateway: [5, 6, 7, 8] } });
    assert.equal(componentsOf(analysedCells(bare.manifest, bare.trials)), null);
  });
});

describe('the best split', () => {
  it('is, with many blocks, the window of two-stage sampling', () => {
    // √(2 · 0.09/0.01) = 4.2 s, and the time holds some hundred blocks, where t no longer counts.
    const components = { start: 0.01, second: 0.09 };
    const best = bestSplit(components, { besideS: 2, totalS: 650 }) ?? assert.fail();
    assert.ok(Math.abs(best.windowS - 4.24) < 0.5, String(best.windowS));
  });

  it('is more blocks where starts differ, and longer windows where seconds do', () => {
    const cost = { besideS: 2, totalS: 60 };
    assert.deepEqual(bestSplit({ start: 0.04, second: 0.001 }, cost), { blocks: 15, windowS: 2 });
    // Fewer than some nine blocks would pay more with t than longer windows give.
    const seconds = bestSplit({ start: 0.0001, second: 0.04 }, cost) ?? assert.fail();
    assert.ok(seconds.blocks <= 10 && seconds.windowS >= 4, JSON.stringify(seconds));
  });

  it('is nothing where the time does not suffice for three blocks', () => {
    assert.equal(bestSplit({ start: 1, second: 1 }, { besideS: 2, totalS: 11.9 }), null);
  });

  it('has the windows of two-stage sampling where a run may have many blocks, and no endless ones', () => {
    const cost = { besideS: 2, now: { blocks: 3, windowS: 5 }, best: { blocks: 3, windowS: 5 }, narrower: 1 };
    const known = { block: null, cells: 8, degrees: 8 };
    const window = windowFor({ ...cost, components: { ...known, start: 0.01, second: 0.09 } }, 100);
    assert.ok(Math.abs(window - 4.24) < 0.5, String(window));
    assert.equal(windowFor({ ...cost, components: { ...known, start: 0, second: 1 } }, 1000), 60);
  });

  it('gives in simulated runs about the reach that it promises', () => {
    // Long windows though starts differ: the split that is advised, simulated, is as much narrower.
    const truth = { block: 0.1, start: 0.2, second: 0.05 };
    const run = simulate(truth, { blocks: 6, seconds: 20, besideS: 2 }, 7);
    const { best, now, components, narrower } = adviceOf(run.manifest, run.cells) ?? assert.fail();
    assert.ok(best.blocks > 20 && narrower < 0.6, JSON.stringify(best));
    assert.ok(Math.abs(best.blocks * (best.windowS + 2) - 6 * 22) < 1, 'the same time');
    assert.equal(narrower, reachOf(best, components) / reachOf(now, components));
    const widthOf = ({ manifest, trials }: ReturnType<typeof simulate>): number => {
      const widths = analyse(manifest, trials).cells.flatMap(({ target, overheadUs }) => {
        const ratio = target === 'direct' ? undefined : overheadUs?.p50?.ratio;
        return ratio === undefined ? [] : [Math.log(ratio.high / ratio.low)];
      });
      return widths.reduce((sum, width) => sum + width, 0) / widths.length;
    };
    const seconds = Math.max(1, Math.round(best.windowS));
    const again = simulate(truth, { blocks: best.blocks, seconds, besideS: 2 }, 8);
    const seen = widthOf(again) / widthOf(run);
    assert.ok(seen < 0.75, `${seen} where ${narrower} was promised of each cell's own spread`);
  });

  it('counts no block in which void trials were measured once more', () => {
    const run = simulate({ block: 0.1, start: 0.2, second: 0.05 }, { blocks: 6, seconds: 20, besideS: 2 }, 7);
    const again = run.trials
      .filter(({ block, scenario, target }) => block === 1 && scenario === 'a' && target !== 'other')
      .map((trial) => ({ ...trial, block: 7, ...(trial.target === 'one' ? { repeats: 1 } : {}) }));
    const { now, best } =
      adviceOf(run.manifest, analysedCells(run.manifest, [...run.trials, ...again])) ?? assert.fail();
    assert.deepEqual(now, { blocks: 6, windowS: 20 });
    assert.ok(Math.abs(best.blocks * (best.windowS + 2) - 6 * 22) < 1, 'in the time of those that were planned');
  });

  it('is said once it is worth it, with the options that give it', () => {
    const { manifest, trials } = simulate(
      { block: 0.1, start: 0.2, second: 0.05 },
      { blocks: 6, seconds: 20, besideS: 2 },
      7,
    );
    const finding = analyse(manifest, trials).findings.find(({ code }) => code === 'best-split') ?? assert.fail();
    assert.match(
      finding.message,
      /^In the same time \d+ blocks of \d\.\d s instead of 6 blocks of 20 s would make the intervals some \d\d % narrower \(--blocks \d+ --duration \d+\): starts differ by \d+ %, seconds within a start by \d %/,
    );
  });

  it('of a run that is split well is said only where precision is asked for', () => {
    const good = simulate({ block: 0.1, start: 0.1, second: 0.15 }, { blocks: 9, seconds: 3, besideS: 2 }, 9);
    const { manifest, trials, cells } = good;
    const codes = (of: Manifest): boolean => analyse(of, trials).findings.some(({ code }) => code === 'best-split');
    assert.equal(codes(manifest), false);
    assert.match(
      describeAdvice(adviceOf(manifest, cells) ?? assert.fail()),
      /^The time is split about as well as can be/,
    );
    const precision = { share: 0.05, maxBlocks: 9, budgetMs: null, endedBy: 'blocks' } as const;
    assert.equal(codes({ ...manifest, precision }), true);
  });
});
