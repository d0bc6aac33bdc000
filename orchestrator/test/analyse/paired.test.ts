import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { analyse } from '#src/analyse/analyse.js';
import { sliceLogs } from '#src/analyse/paired.js';
import { whyNotComparable } from '#src/analyse/compare/comparable.js';
import { compareRuns } from '#src/analyse/compare/compare.js';
import type { Manifest } from '#src/record/manifest.js';
import type { StoredRun } from '#src/record/run-directory.js';
import { summarySchema } from '#src/record/summary.js';
import { renderHtml } from '#src/report/html.js';
import { renderMarkdown } from '#src/report/markdown.js';
import { renderTable } from '#src/report/terminal-table.js';
import { distributionOf, pairedManifest, type PairedTruth, pairedRun } from './paired-run.js';
import { syntheticRun } from './synthetic-run.js';

const QUIET: PairedTruth = { seed: 1, blocks: 6, ratio: 1, sharedSigma: 0.5, startSigma: 0.02 };
const second = (value: number, count = 20): number[] => Array.from({ length: count }, () => value);

function p50Of(truth: Partial<PairedTruth>) {
  const { manifest, trials } = pairedRun({ ...QUIET, ...truth });
  return analyse(manifest, trials).paired?.[0]?.latencyUs?.p50 ?? assert.fail('no median');
}

describe('slices of time', () => {
  test('a slice has ten requests of either side beyond the quantile, and what is left over belongs to the last', () => {
    const side = distributionOf([100, 200, 300].map((value) => second(value)));
    assert.deepEqual(sliceLogs(side, side, 0.5), [0, 0, 0]);
    const sparse = distributionOf([100, 200, 300].map((value) => second(value, 10)));
    assert.equal(sliceLogs(side, sparse, 0.5).length, 1, 'two seconds of the sparser side, and the third left over');
    assert.equal(sliceLogs(side, side, 0.9).length, 1, '60 requests have six beyond their 90th percentile');
    assert.deepEqual(sliceLogs(side, side, 0.99), [], '60 requests have none beyond their 99th');
  });

  test('a factor is found in each, though the slices differ a hundredfold', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1000, max: 100_000 }), { minLength: 1, maxLength: 8 }),
        fc.double({ min: 0.5, max: 4, noNaN: true }),
        (values, factor) => {
          const [a, b] = [1, factor].map((times) => distributionOf(values.map((value) => second(value * times))));
          assert.ok(a !== undefined && b !== undefined);
          const logs = sliceLogs(a, b, 0.5);
          assert.equal(logs.length, values.length);
          // A bucket is at most 0.8 % wide.
          for (const log of logs) assert.ok(Math.abs(log - Math.log(factor)) < 0.017);
        },
      ),
    );
  });
});

describe('b against a', () => {
  test('by hand: two blocks of one slice, b twice and four times as slow', () => {
    const { manifest, trials } = pairedRun({ ...QUIET, blocks: 2 });
    const seconds = { a: [1000, 1000], b: [2000, 4000] };
    const own = trials.map((trial) => ({
      ...trial,
      load: {
        ...trial.load!,
        latencyUs: distributionOf([second(seconds[trial.target as 'a' | 'b'][trial.block - 1]!)]),
      },
    }));
    const found = analyse(manifest, own).paired?.[0]?.latencyUs?.p50 ?? assert.fail();
    const close = (value: number, expected: number): void =>
      assert.ok(Math.abs(value - expected) <= 0.01 * Math.abs(expected), `${value}, not ${expected}`);
    // The mean of ln 2 and ln 4 is ln √8; its standard error ln 2 / 2, of which t has 12.706.
    close(found.ratio.value, Math.sqrt(8));
    close(found.ratio.low, Math.sqrt(8) * Math.exp((-12.706 * Math.LN2) / 2));
    close(found.value, 1000 * (Math.sqrt(8) - 1));
    assert.deepEqual([found.slices, found.verdict], [2, 'within-noise']);
  });

  test('of equal targets the interval holds 0 in 95 % of runs, whatever the machine does meanwhile', () => {
    for (const sharedSigma of [0, 0.5, 1.5]) {
      const runs = Array.from({ length: 200 }, (_, seed) =>
        p50Of({ seed: 97 * seed, sharedSigma, seconds: 3, perSecond: 40 }),
      );
      const held = runs.filter(({ low, high }) => low <= 0 && high >= 0).length;
      // 95 % of 200, less or more three standard deviations.
      assert.ok(held >= 181 && held <= 199, `${held} of 200 at ${sharedSigma}`);
    }
  });

  test('a planted shift is found again, as well on a restless machine as on a quiet one', () => {
    const widths = [0, 1].map((sharedSigma) => {
      const runs = Array.from({ length: 60 }, (_, seed) => p50Of({ seed: 89 * seed, sharedSigma, ratio: 1.2 }));
      const held = runs.filter(({ ratio }) => ratio.low <= 1.2 && ratio.high >= 1.2).length;
      assert.ok(held >= 52, `${held} of 60 hold it`);
      assert.ok(runs.filter(({ verdict }) => verdict === 'above').length >= 55);
      return runs.reduce((sum, { ratio }) => sum + Math.log(ratio.high / ratio.low), 0);
    });
    assert.ok((widths[1] ?? 0) < 1.3 * (widths[0] ?? 0), 'what both sides share falls out');
  });

  test('interval and verdict agree, and a faster b is below', () => {
    assert.equal(p50Of({ ratio: 0.5 }).verdict, 'below');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0.8, max: 1.25, noNaN: true }), (seed, ratio) => {
        const { verdict, low, high } = p50Of({ seed, ratio, seconds: 2, perSecond: 30 });
        if (verdict === 'above') assert.ok(low > 0);
        if (verdict === 'below') assert.ok(high < 0);
      }),
      { numRuns: 40 },
    );
  });

  test('one block is judged by its slices, one slice not at all', () => {
    const one = p50Of({ blocks: 1, seconds: 8, ratio: 2 });
    assert.deepEqual([one.verdict, one.slices], ['above', 8]);
    const single = p50Of({ blocks: 1, seconds: 1, ratio: 2 });
    assert.deepEqual([single.low, single.high, single.verdict], [single.value, single.value, 'within-noise']);
  });

  test('trials that were not run at the same time are no pair, and a side that did not keep up says why', () => {
    const { manifest, trials } = pairedRun({ ...QUIET, blocks: 3 });
    const apart = trials.map((trial) =>
      trial.target === 'b' && trial.block === 2 ? { ...trial, paired: { ...trial.paired!, id: 'other' } } : trial,
    );
    assert.equal(analyse(manifest, apart).paired?.[0]?.blocks, 2);
    const saturated = trials.map((trial) =>
      trial.target === 'b'
        ? { ...trial, state: 'saturated' as const, reason: { code: 'saturated', message: 'saturated at 50/100 rps' } }
        : trial,
    );
    const [told] = analyse(manifest, saturated).paired ?? [];
    assert.equal(told?.reason?.code, 'not-both-ok');
    assert.match(told?.reason?.message ?? '', /^a is ok; b saturated at/);
    assert.equal(told?.latencyUs, undefined);
    assert.equal(analyse(pairedManifest(1), []).paired?.[0]?.blocks, 0);
  });

  test('a run of visits has none; a paired one no ranking, and all of it is as the schema says', () => {
    const visits = syntheticRun({ blocks: 2 });
    assert.equal(analyse(visits.manifest, visits.trials).paired, undefined);
    const { manifest, trials } = pairedRun(QUIET);
    const summary = analyse(manifest, trials);
    summarySchema.parse(JSON.parse(JSON.stringify(summary)));
    assert.deepEqual(summary.ranking, []);
    assert.ok(summary.findings.some(({ code }) => code === 'paired'));
  });

  test('a side that burns what the other needs is told', () => {
    const { manifest, trials } = pairedRun(QUIET);
    const host = { cpus: 2, stealShare: 0, busyShare: 0.5, swappedBytes: 0, clockJumpMs: 0 };
    const burning = (cores: number) =>
      trials.map((trial) => {
        const cpuUs = 1e6 * (trial.target === 'b' ? cores : 0.1);
        const resources = {
          memoryPeakBytes: null,
          memoryStartBytes: null,
          memoryEndBytes: null,
          cpuUs,
          cpuWindowMs: 1000,
          throttledMs: 0,
          series: [],
        };
        return { ...trial, host, resources };
      });
    const codes = (cores: number) => analyse(manifest, burning(cores)).findings.map(({ code }) => code);
    assert.ok(codes(0.8).includes('paired-unequal-cpu'));
    assert.ok(!codes(0.2).includes('paired-unequal-cpu'));
  });
});

describe('what is shown of it', () => {
  const { manifest, trials } = pairedRun({ ...QUIET, ratio: 1.5 });
  const summary = analyse(manifest, trials);

  test('the table says b against a, with interval, share and sign', () => {
    const text = renderTable(summary, { colour: false, columns: 100 });
    assert.match(text, /b against a, paired/);
    assert.match(text, /latency +p50.\+0\.\d+.\[0\.\d+,.0\.\d+\].\+5\d%.▲/);
  });

  test('the page begins with it', () => {
    const page = renderMarkdown(summary, '');
    assert.ok(page.indexOf('## b against a, paired') < page.indexOf('## Side by side'));
    assert.match(
      renderHtml(summary, '', { manifest, trials }),
      /<h2>b against a, paired<\/h2>[^]*?\+0\.\d+ \[0\.\d+, 0\.\d+\] \+5\d% ▲/,
    );
    assert.match(page, /\| chat-minimal \| 100 rps \| latency \| \+0\.\d+ /);
  });

  test('compare holds its two sides against each other without a floor that nobody measured', () => {
    const run = { manifest, trials };
    const [cell] = compareRuns({ run, targets: ['a'] }, { run, targets: ['b'] }).cells;
    const median = cell?.measures.find(({ name }) => name === 'latency.p50');
    assert.deepEqual([median?.noiseFloor, median?.verdict], [0, 'worse']);
  });

  test('two that were measured beside others are no pair, of two runs or of one', () => {
    const named = (names: Readonly<Record<string, string>>, id: string): StoredRun => ({
      manifest: {
        ...manifest,
        id,
        paired: { a: names['a'] ?? '', b: names['b'] ?? '' },
        targets: manifest.targets.map((target) => ({ ...target, name: names[target.name] ?? '' })),
      },
      trials: trials.map((trial) => ({
        ...trial,
        target: names[trial.target] ?? '',
        ...(trial.paired === undefined
          ? {}
          : { paired: { ...trial.paired, id: `${id}${trial.paired.id}`, with: names[trial.paired.with] ?? '' } }),
      })),
    });
    const [withY, withZ] = [named({ a: 'x', b: 'y' }, 'one'), named({ a: 'x', b: 'z' }, 'two')];
    const floor = (one: StoredRun, a: string, other: StoredRun, b: string): number | null | undefined =>
      compareRuns({ run: one, targets: [a] }, { run: other, targets: [b] }).cells[0]?.measures.find(
        ({ name }) => name === 'latency.p50',
      )?.noiseFloor;
    assert.equal(floor(withY, 'x', withY, 'y'), 0);
    assert.equal(floor(withY, 'x', withZ, 'x'), null);
    assert.equal(floor(withY, 'x', named({ a: 'x', b: 'y' }, 'two'), 'y'), null);
    assert.equal(floor(withY, 'x', withY, 'x'), null);
  });

  test('a side that is void in a block leaves both a pair', () => {
    const lost = trials.filter(({ target, block }) => target === 'a' || block > 1);
    const run = { manifest, trials: lost };
    const [cell] = compareRuns({ run, targets: ['a'] }, { run, targets: ['b'] }).cells;
    assert.equal(cell?.measures.find(({ name }) => name === 'latency.p50')?.noiseFloor, 0);
  });

  test('two paired runs are held to who was measured beside whom', () => {
    const other = (change: Partial<Manifest['targets'][number]>): Manifest => {
      const targets = manifest.targets.map((target) => (target.name === 'b' ? { ...target, ...change } : target));
      return { ...manifest, id: 'other', targets, paired: { a: 'a', b: change.name ?? 'b' } };
    };
    const reasons = (there: Manifest): string[] =>
      whyNotComparable(
        { run: { manifest, trials }, targets: ['a'] },
        { run: { manifest: there, trials }, targets: ['a'] },
      );
    assert.deepEqual(reasons(other({})), []);
    assert.deepEqual(reasons(other({ name: 'z' })), ['measured at the same time as a: "b" in a, "z" in b']);
    assert.deepEqual(reasons(other({ version: '2' })), ['measured at the same time as a: "b" in a, "b 2" in b']);
  });

  test('a paired run and one of visits are not compared as if they were one plan', () => {
    const { paired: _pair, ...alone } = manifest;
    const side = (of: typeof manifest) => ({ run: { manifest: of, trials }, targets: ['a'] });
    assert.deepEqual(whyNotComparable(side(manifest), side({ ...alone, id: 'other' })), [
      'targets measured at the same time: true in a, false in b',
    ]);
  });
});
