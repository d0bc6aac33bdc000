import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { Histogram } from '#src/record/histogram.js';
import type { TrialRecord } from '#src/record/trial.js';
import { bareRun, type Medians, summaryOf } from '../bare-run.js';

const DIRECT = [135, 126, 112, 125, 129, 94, 98, 91, 110];

function told(medians: Medians) {
  const { findings } = summaryOf({ 'chat-minimal': medians });
  return findings.find(({ code }) => code === 'erratic');
}

describe('an erratic target', () => {
  it('has two kinds of starts', () => {
    // 1500 to 4300, and 10 700 to 149 000 in blocks 3, 5 and 6: a median of 2148 in the others.
    const own = [1940, 2360, 29_152, 2520, 30_704, 148_651, 4336, 1484, 1524];
    const found = told({ direct: DIRECT, portkey: own }) ?? assert.fail();
    assert.match(
      found.message,
      /^In 3 of 9 starts its median was 14 to 69 times that of the others \(direct differed up to 1\.5 times there\)\./,
    );
    assert.deepEqual(found.evidence['few'], [3, 5, 6]);
    assert.equal(found.target, 'portkey');
  });

  it('or drifts from start to start', () => {
    const own = [1000, 1150, 1320, 1520, 1750, 2010, 2310, 2660];
    const found = told({ direct: DIRECT.slice(0, 8), drifting: own }) ?? assert.fail();
    assert.match(found.message, /^From start to start it grew slower: the median of the later half is 1\.7\d times/);
  });

  it('is not one whose direct did the same in the same blocks: that is the machine', () => {
    const factors = [1, 1, 12, 1, 10, 1, 1, 11, 1];
    const medians = { direct: factors.map((factor) => 100 * factor), gateway: factors.map((factor) => 900 * factor) };
    assert.equal(told(medians), undefined);
  });

  it('nor one that varies as blocks do, nor one of two blocks', () => {
    assert.equal(told({ direct: DIRECT, steady: [742, 798, 598, 538, 625, 718, 635, 767, 554] }), undefined);
    assert.equal(told({ direct: [100, 100], two: [500, 50_000] }), undefined);
  });

  it('comes and goes within a start, and the period is said', () => {
    const { manifest, trials } = bareRun({ 'chat-minimal': { direct: [100, 100, 100], relay: [9000, 9000, 9000] } });
    const seconds = (us: (second: number) => number) =>
      Array.from({ length: 24 }, (_, second) => {
        const histogram = new Histogram();
        for (let i = 0; i < 40; i += 1) histogram.record(us(second));
        return histogram.toSparse();
      });
    const paced = trials.map((trial): TrialRecord => {
      if (trial.load === null) return trial;
      // 1.5 ms and 60 ms by turns, four seconds each.
      const own = seconds((second) => (trial.target === 'direct' ? 100 : second % 8 < 4 ? 1500 : 60_000));
      return { ...trial, load: { ...trial.load, latencyUs: { ...trial.load.latencyUs, count: 960, seconds: own } } };
    });
    const found = analyse(manifest, paced).findings.find(({ code }) => code === 'erratic') ?? assert.fail();
    assert.match(
      found.message,
      /^Within a start it comes and goes: the medians of its seconds are 4\d\.\d times apart, changing about every 4 s \(direct: 1\.0\)\./,
    );
    assert.equal(found.evidence['changesEverySeconds'], 4);
  });
});
