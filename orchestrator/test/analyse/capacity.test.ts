import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyseCapacity } from '#src/analyse/capacity.js';
import { renderCapacity } from '#src/report/capacity-text.js';
import { judgeWindow } from '#src/record/objective.js';
import type { TrialRecord } from '#src/record/trial.js';
import {
  baseWindow as base,
  OBJECTIVES,
  oneSearched as one,
  searchedRun,
  searchWindow as window,
  type WindowShape as Shape,
} from './searched-run.js';

const seven = (rate: number, shape?: Shape): TrialRecord[] => Array.from({ length: 7 }, () => window(rate, shape));
const answer = (windows: readonly TrialRecord[]) => analyseCapacity(one, windows, [], OBJECTIVES).answers[0];

describe('a window', () => {
  const outcome = (shape: Shape) => judgeWindow(window(100, shape), OBJECTIVES).outcome;
  test('holds only when all conditions do, and when the load was kept up with', () => {
    assert.equal(outcome({}), 'holds');
    assert.equal(outcome({ p99Us: 20_000 }), 'breaks');
    assert.equal(outcome({ lost: 1 }), 'breaks');
    assert.equal(outcome({ answered: 0.98 }), 'breaks');
  });
  test('is held against what was offered, which is less than the level where arrivals are random', () => {
    const poisson = (answered: number): TrialRecord => {
      const trial = window(100, { answered });
      return { ...trial, load: trial.load && { ...trial.load, scheduled: 950, ok: 950 } };
    };
    assert.equal(judgeWindow(poisson(0.95), OBJECTIVES).outcome, 'holds');
    const { outcome: short, broken } = judgeWindow(poisson(0.9), OBJECTIVES);
    assert.deepEqual([short, broken], ['breaks', ['answered 90 of 95 rps']]);
  });
  test('that broke while driver or mock were not up to it speaks of them', () => {
    assert.equal(outcome({ p99Us: 30_000, warning: 'mock-late' }), 'instrument');
    assert.equal(outcome({ warning: 'mock-late' }), 'holds');
    assert.equal(outcome({ p99Us: 30_000, warning: 'driver-late' }), 'instrument');
    assert.equal(outcome({ p99Us: 30_000, lateUs: 9000 }), 'breaks', 'what the gate let pass is not held against it');
  });
});

test('what spoils a window cannot make it hold, so that one that holds counts, and one that breaks does not', () => {
  const spoilt = (shape: Shape, code: string): string =>
    judgeWindow({ ...window(100, shape), state: 'void', reason: { code, message: code } }, OBJECTIVES).outcome;
  assert.equal(spoilt({}, 'driver-late'), 'holds');
  assert.equal(spoilt({}, 'steal'), 'holds');
  assert.equal(spoilt({ lost: 5 }, 'steal'), 'unusable');
  assert.equal(spoilt({ lost: 5 }, 'driver-late'), 'instrument');
  assert.equal(spoilt({}, 'clock-jump'), 'unusable');
});

describe('the answer', () => {
  test('lies between the last rate that always held and the first that never did', () => {
    const found = answer([
      ...seven(100),
      ...seven(400),
      window(430),
      window(430, { p99Us: 99_000 }),
      ...seven(500, { p99Us: 30_000 }),
      ...seven(900, { p99Us: 90_000 }),
    ]);
    assert.deepEqual([found?.state, found?.low, found?.high, found?.windows], ['found', 400, 500, 30]);
    assert.match(found?.broken.join() ?? '', /p99<20ms: 30 ms/);
  });

  test('rests on enough windows, the last ones, at a rate', () => {
    assert.equal(answer([...seven(100).slice(1), ...seven(500, { lost: 9 })])?.state, 'unsettled');
    assert.equal(answer([...seven(100, { lost: 9 }).slice(1), ...seven(500, { lost: 9 })])?.state, 'none');
    assert.equal(answer([...seven(400, { lost: 9 }), ...seven(400), ...seven(500, { lost: 9 })])?.low, 400);
    assert.equal(answer([window(100), window(200, { lost: 9 })])?.state, 'unsettled');
  });

  test('says what gave way', () => {
    const limit = (shape: Shape) => answer([...seven(400), ...seven(500, { p99Us: 30_000, ...shape })]);
    assert.equal(limit({ cores: 1.9, busy: 1 })?.limit, 'cpu');
    assert.equal(limit({ cores: 1, busy: 0.6 })?.limit, 'one-core');
    assert.equal(limit({ cores: 0.2, busy: 0.3 })?.limit, 'unknown');
    const instrument = limit({ warning: 'driver-busy' });
    assert.deepEqual([instrument?.state, instrument?.low, instrument?.limit], ['at-least', 400, 'instrument']);
    const nothing = answer(seven(500, { p99Us: 30_000, warning: 'driver-busy' }));
    assert.deepEqual([nothing?.state, nothing?.limit], ['unsettled', 'instrument']);
    assert.match(nothing?.reason ?? '', /driver, mock or the machine .* gave way/);
  });

  test('is no capacity where the machine that all share was used up, however many threads the target has', () => {
    for (const [cores, busy] of [
      [0.6, 0.99],
      [1, 0.99],
      [0.8, 0.75],
    ] as const) {
      const found = answer([...seven(400), ...seven(500, { p99Us: 30_000, cores, busy })]);
      assert.deepEqual([found?.state, found?.limit], ['at-least', 'machine']);
    }
  });

  test('is no capacity where direct does not hold that rate either', () => {
    const broken = { p99Us: 30_000, cores: 0.2 };
    const withDirect = (...shapes: Shape[]) => {
      const control = shapes.map((shape) => ({ ...window(500, shape), target: 'direct' }));
      const both = {
        ...one,
        targets: searchedRun().manifest.targets.filter(({ name }) => ['direct', 'crabllm'].includes(name)),
      };
      return analyseCapacity(both, [...seven(400), ...seven(500, broken), ...control], [], OBJECTIVES).answers;
    };
    const [refuted, ...others] = withDirect(broken, {}, broken);
    assert.deepEqual(others, [], 'direct is the control and has no answer of its own');
    assert.deepEqual([refuted?.state, refuted?.limit], ['at-least', 'instrument']);
    assert.deepEqual(refuted?.control, { windows: 3, held: 1 });
    const [found] = withDirect({}, {}, broken);
    assert.deepEqual([found?.state, found?.limit], ['found', 'unknown']);
  });

  test('says so where only the lower end is settled', () => {
    const open = answer([...seven(400), window(500), window(500, { lost: 9 }), window(600)]);
    assert.deepEqual([open?.state, open?.low, open?.high], ['at-least', 400, null]);
    assert.match(open?.reason ?? '', /not settled: above that a window held at 600 rps and one broke at 500 rps/);
    assert.equal(answer(seven(400))?.reason, null, 'nothing above was asked');
    const gone = {
      ...window(600),
      load: null,
      state: 'failed',
      reason: { code: 'port-in-use', message: 'its port is taken' },
    } as const;
    assert.match(
      answer([...seven(400), window(500, { lost: 9 }), gone])?.reason ?? '',
      /; then it was lost: its port is taken$/,
    );
  });

  test('of windows that stayed void says so, and does not count them as broken', () => {
    const stopped = { code: 'driver-stopped', message: 'the driver stood still' };
    const spoilt = (rate: number): TrialRecord => ({ ...window(rate, { lost: 9 }), state: 'void', reason: stopped });
    const open = answer([...seven(400), spoilt(800), spoilt(800), spoilt(1600)]);
    assert.deepEqual([open?.state, open?.low, open?.high], ['at-least', 400, null]);
    assert.equal(
      open?.reason,
      'where it ends is not settled: above that 3 at 800 to 1600 rps were void (the driver stood still), but no rate had windows enough that agreed',
    );
    assert.deepEqual(open?.voidWindows, [{ code: 'driver-stopped', windows: 3, message: 'the driver stood still' }]);
    assert.equal(open?.memoryOverloadedBytes, null, 'what was void was no overload');
    const found = answer([...seven(400), spoilt(500), ...seven(500, { lost: 9 }), spoilt(500)]);
    assert.deepEqual([found?.state, found?.high, found?.windows], ['found', 500, 16]);
  });

  test('is none only where the rates below the one that does not hold broke as well', () => {
    const stopped = { code: 'driver-stopped', message: 'the driver stood still' };
    const spoilt = (rate: number): TrialRecord => ({ ...window(rate, { lost: 9 }), state: 'void', reason: stopped });
    const open = answer([spoilt(200), spoilt(200), spoilt(100), ...seven(400, { lost: 9 })]);
    assert.deepEqual([open?.state, open?.low, open?.high], ['unsettled', null, 400]);
    assert.equal(
      open?.reason,
      '400 rps does not hold, and what does is not settled: below that 3 at 100 to 200 rps were void (the driver stood still), but no rate had windows enough that agreed',
    );
    const held = answer([window(100), ...seven(400, { lost: 9 })]);
    assert.match(held?.reason ?? '', /^400 rps does not hold, .*: below that a window held at 100 rps, but no rate/);
    assert.equal(answer([spoilt(100), window(100, { lost: 9 }), ...seven(400, { lost: 9 })])?.state, 'none');
    assert.equal(answer([spoilt(800), ...seven(400, { lost: 9 })])?.state, 'none', 'what lies above says nothing');
    const style = { colour: false, columns: 400 } as const;
    const text = (windows: readonly TrialRecord[]): string =>
      renderCapacity(analyseCapacity(one, windows, [], OBJECTIVES), style);
    assert.match(text([spoilt(100), ...seven(400, { lost: 9 })]), /unsettled: 400 rps does not hold/);
    assert.match(text(seven(400, { lost: 9 })), /none: not even 400 rps holds/);
  });

  test('names the warnings of its windows, the most frequent first', () => {
    const found = answer([
      ...seven(400, { warning: 'other-load' }),
      ...seven(500, { lost: 9 }),
      window(400, { warning: 'steal' }),
    ]);
    assert.deepEqual(found?.warnings, [
      { code: 'other-load', windows: 7, message: 'other-load!' },
      { code: 'steal', windows: 1, message: 'steal!' },
    ]);
    assert.deepEqual(found?.voidWindows, []);
  });

  test('tells memory before the first overload from what an overload took', () => {
    const taking = (bytes: number, trial: TrialRecord): TrialRecord => ({
      ...trial,
      resources: { ...(trial.resources ?? assert.fail()), memoryPeakBytes: bytes },
    });
    const overloaded = answer([
      taking(10, window(100)),
      taking(900, window(800, { lost: 9 })),
      ...seven(400).map((trial) => taking(500, trial)),
    ]);
    assert.deepEqual([overloaded?.memoryPeakBytes, overloaded?.memoryOverloadedBytes], [10, 900]);
    const never = answer(seven(400).map((trial) => taking(20, trial)));
    assert.deepEqual([never?.memoryPeakBytes, never?.memoryOverloadedBytes], [20, null]);
  });

  test('of a search that ended too early says what it saw and settles nothing', () => {
    const early = answer([window(100), window(200), window(400, { lost: 9 })]);
    assert.equal(early?.state, 'unsettled');
    assert.match(early?.reason ?? '', /held at 200 rps and one broke at 400 rps/);
  });

  test('a target without a window has its reason', () => {
    const failed = answer([
      { ...base, state: 'failed', load: null, reason: { code: 'x', message: 'it would not start' } },
    ]);
    assert.deepEqual([failed?.state, failed?.reason], ['failed', 'it would not start']);
  });
});
