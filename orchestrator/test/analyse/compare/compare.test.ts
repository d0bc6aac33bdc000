import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Manifest } from '#src/record/manifest.js';
import { whyNotComparable } from '#src/analyse/compare/comparable.js';
import { changeOf, changeSeriesOf } from '#src/analyse/compare/change.js';
import { compareRuns } from '#src/analyse/compare/compare.js';
import { checkGates } from '#src/analyse/compare/gate.js';
import { parseGates } from '#src/cli/options/gates.js';
import { gateLines } from '#src/report/gate-text.js';
import type { StoredRun } from '#src/record/run-directory.js';
import { Histogram } from '#src/record/histogram.js';
import type { Distribution } from '#src/record/trial.js';
import { syntheticRun } from '../synthetic-run.js';

const NAMES = ['crabllm', 'litellm', 'portkey'];

function run(seed: number, ledger = false): StoredRun {
  const { manifest, trials } = syntheticRun({ blocks: 6, seed, ledger });
  return { manifest: { ...manifest, id: `run-${seed}` }, trials };
}

/** Every latency of a target, later by so much. */
function slowed(of: StoredRun, target: string, byUs: number): StoredRun {
  const shift = (distribution: Distribution): Distribution => ({
    ...distribution,
    seconds: (distribution.seconds ?? []).map((second) => {
      const moved = new Histogram();
      for (let i = 0; i < second.length; i += 2) {
        const single = new Histogram();
        single.merge([second[i] as number, 1]);
        // Buckets are below 1 % wide, so that moving whole buckets moves values well enough.
        const valueUs = (second[i] as number) < 256 ? (second[i] as number) : lowOf(second[i] as number);
        for (let n = 0; n < (second[i + 1] as number); n += 1) moved.record(valueUs + byUs);
      }
      return moved.toSparse();
    }),
  });
  const lowOf = (index: number): number => {
    const exponent = Math.floor(index / 128) - 1;
    return (index - exponent * 128) * 2 ** exponent;
  };
  return {
    manifest: of.manifest,
    trials: of.trials.map((trial) =>
      trial.target === target && trial.load !== null
        ? { ...trial, load: { ...trial.load, latencyUs: shift(trial.load.latencyUs) } }
        : trial,
    ),
  };
}

describe('two runs', () => {
  test('a run and itself differ in nothing, with no width at all', () => {
    const one = run(1);
    const { cells, notes, pairing } = compareRuns({ run: one, targets: NAMES }, { run: one, targets: NAMES });
    assert.equal(pairing, 'blocks');
    assert.deepEqual(notes, []);
    const measures = cells.flatMap((cell) => cell.measures);
    assert.ok(measures.length > 50);
    for (const { change, verdict } of measures) {
      assert.deepEqual(change, { value: 0, low: 0, high: 0 });
      assert.equal(verdict, 'cannot-be-told');
    }
  });

  test('two runs in which nothing differs are told apart in hardly anything', () => {
    const measures = compareRuns({ run: run(1), targets: NAMES }, { run: run(2), targets: NAMES }).cells.flatMap(
      (cell) => cell.measures,
    );
    const told = measures.filter(({ verdict }) => verdict !== 'cannot-be-told');
    assert.ok(told.length / measures.length <= 0.05, JSON.stringify(told));
  });

  test('a slower gateway is worse by what it is slower, and seen from the other side better', () => {
    const [before, after] = [run(1), slowed(run(2), 'crabllm', 400)];
    const find = (cells: ReturnType<typeof compareRuns>['cells']) =>
      cells
        .find(({ scenario, level }) => scenario === 'chat-minimal' && level.value === 500)
        ?.measures.find(({ name }) => name === 'overhead.p50');
    const there = find(compareRuns({ run: before, targets: ['crabllm'] }, { run: after, targets: ['crabllm'] }).cells);
    assert.equal(there?.verdict, 'worse');
    assert.ok((there?.change.low ?? 0) < 400 && (there?.change.high ?? 0) > 400, JSON.stringify(there));
    const back = find(compareRuns({ run: after, targets: ['crabllm'] }, { run: before, targets: ['crabllm'] }).cells);
    assert.equal(back?.verdict, 'better');
  });

  test('a gateway that keeps up no more is worse, one that could not be had is not compared', () => {
    const one = run(1);
    const { cells } = compareRuns(
      { run: one, targets: ['portkey', 'crabllm'] },
      { run: one, targets: ['litellm', 'bifrost'] },
    );
    const at = (b: string) =>
      cells.find((cell) => cell.b === b && cell.scenario === 'chat-minimal' && cell.level.value === 500);
    assert.equal(at('litellm')?.verdict, 'worse');
    assert.match(at('litellm')?.reason ?? '', /a ok; b saturated/);
    assert.equal(at('bifrost')?.verdict, 'not-compared');
  });

  test('one that did not keep up in a single window is not told to be worse, nor a gate judged by it', () => {
    const { manifest, trials } = run(1);
    const once = { manifest, trials: trials.filter(({ target, block }) => target !== 'litellm' || block === 1) };
    const comparison = compareRuns({ run: once, targets: ['portkey'] }, { run: once, targets: ['litellm'] });
    const at500 = comparison.cells.find(({ scenario, level }) => scenario === 'chat-minimal' && level.value === 500);
    assert.equal(at500?.verdict, 'not-compared');
    const { failures, unjudged } = gateLines(checkGates(parseGates('worse'), comparison));
    assert.ok(!failures.some((line) => line.includes('500 rps')), failures.join());
    assert.ok(
      unjudged.some((line) => line.includes('500 rps: a ok; b saturated')),
      unjudged.join(),
    );
  });

  test('CPU and memory are held against what the mock needs when direct is measured twice', () => {
    const quiet = run(1);
    const noisy: StoredRun = {
      ...quiet,
      trials: quiet.trials.map((trial) => {
        const { resources } = trial;
        if (resources === null || trial.target !== 'direct' || trial.replica === 1) return trial;
        const cpuUs = (resources.cpuUs ?? 0) * 100;
        const memoryPeakBytes = (resources.memoryPeakBytes ?? 0) * 100;
        return { ...trial, resources: { ...resources, cpuUs, memoryPeakBytes } };
      }),
    };
    const without: StoredRun = { ...quiet, trials: quiet.trials.filter(({ replica }) => replica === 1) };
    const verdicts = (of: StoredRun) => {
      const [cell] = compareRuns({ run: of, targets: ['crabllm'] }, { run: of, targets: ['portkey'] }).cells;
      const measures = cell?.measures.filter(({ name }) => name === 'cpu' || name === 'memory') ?? [];
      return measures.map(({ name, verdict, noiseFloor }) =>
        `${name} ${verdict} ${noiseFloor === null ? '?' : ''}`.trim(),
      );
    };
    assert.deepEqual(verdicts(quiet), ['cpu worse', 'memory worse']);
    assert.deepEqual(verdicts(noisy), ['cpu cannot-be-told', 'memory cannot-be-told']);
    assert.deepEqual(verdicts(without), ['cpu cannot-be-told ?', 'memory cannot-be-told ?']);
  });

  test('per-request overhead is taken where both have it', () => {
    const one = run(1, true);
    const [cell] = compareRuns({ run: one, targets: ['crabllm'] }, { run: one, targets: ['portkey'] }).cells;
    assert.equal(cell?.measures.find(({ name }) => name === 'overhead.p50')?.by, 'per-request');
    assert.equal(cell?.measures.find(({ name }) => name === 'latency.p50')?.by, null);
  });

  test('another driver, host, plan or version is no comparison', () => {
    const one = run(1);
    const other = {
      ...run(2),
      manifest: {
        ...run(2).manifest,
        measureMs: 1,
        host: { cpus: 64 },
        runtime: 'docker',
        versions: { node: '24.0.0' },
      },
    };
    const reasons = whyNotComparable({ run: one, targets: NAMES }, { run: other, targets: NAMES }).join('\n');
    for (const part of [
      'runtime: "process" in a, "docker" in b',
      'measured milliseconds',
      'host cpus: 2 in a, 64 in b',
      'version of node',
      'crabllm-bench',
    ])
      assert.ok(reasons.includes(part), `${part} is missing in ${reasons}`);
    assert.deepEqual(whyNotComparable({ run: one, targets: NAMES }, { run: run(2), targets: NAMES }), []);
  });

  test('overheads counted from another moment are no comparison, where there are any', () => {
    const reasons = (one: StoredRun, other: StoredRun) =>
      whyNotComparable({ run: one, targets: NAMES }, { run: other, targets: NAMES });
    const [earlier, withNone] = [run(1, true), run(2)];
    const trials = run(2, true).trials.map(({ ledger, ...trial }) => ({
      ...trial,
      ledger: ledger === null ? null : { ...ledger, heldFrom: 'whole' as const },
    }));
    const now = { ...run(2, true), trials };
    assert.deepEqual(reasons(earlier, now), [
      'moment from which on the mock holds a request: "its first byte" in a, "having all of it" in b',
    ]);
    assert.deepEqual([reasons(now, now), reasons(earlier, withNone), reasons(withNone, now)], [[], [], []]);
  });

  test('another kind of load is no comparison, however the usual one was spelled', () => {
    const one = run(1);
    const reasons = (options: Readonly<Record<string, unknown>>) =>
      whyNotComparable(
        { run: one, targets: NAMES },
        { run: { ...run(2), manifest: { ...run(2).manifest, options } }, targets: NAMES },
      );
    const usual = { arrivals: 'constant', pacing: 'wait', connections: 'keep-alive', shape: 'flat' };
    assert.deepEqual(reasons({ ...usual, timeout: '30.0', 'keep-up': false, blocks: '9' }), []);
    assert.deepEqual(reasons({ ...usual, connections: ['new', 'keep-alive'] }), []);
    assert.deepEqual(
      reasons({
        arrivals: 'poisson',
        pacing: 'spin',
        connections: 'new',
        shape: 'ramp',
        timeout: '5',
        'keep-up': true,
      }),
      [
        '--arrivals: "constant" in a, "poisson" in b',
        '--pacing: "wait" in a, "spin" in b',
        '--connections: "keep-alive" in a, "new" in b',
        '--shape: "flat" in a, "ramp:0.1-1" in b',
        '--timeout: "30" in a, "5" in b',
        '--keep-up: "false" in a, "true" in b',
      ],
    );
    assert.deepEqual(reasons({ 'find-capacity': true }), ['--timeout: "30" in a, "10" in b']);
  });

  test('other CPUs are no comparison; the same ones are, and none are as if nobody had asked', () => {
    const sides = (a: Manifest['pinning'], b: Manifest['pinning']): string[] => {
      const of = (pinning: Manifest['pinning'], id: number) => ({
        run: { ...run(id), manifest: { ...run(id).manifest, ...(pinning === undefined ? {} : { pinning }) } },
        targets: NAMES,
      });
      return whyNotComparable(of(a, 1), of(b, 2));
    };
    const places = { usable: '0-3', mock: '1', target: '2', driver: '3', rest: '0' };
    const pinned = { state: 'pinned', asked: 'auto', ...places } as const;
    assert.deepEqual(sides(pinned, { ...pinned, asked: 'lists' }), []);
    assert.deepEqual(
      sides(undefined, { state: 'left-out', reason: { code: 'too-few-cores', message: '2 cores' } }),
      [],
    );
    assert.match(sides(pinned, { ...pinned, target: '1' }).join(), /CPUs of mock, target, driver and the rest: \{/);
    assert.match(sides(pinned, undefined).join(), /: \{"mock":"1".* in a, "not pinned" in b/);
  });

  test('runs without a cell in common are no comparison', () => {
    const sides = [100, 200].map((value) => {
      const { manifest, trials } = run(value);
      const scenarios = manifest.scenarios
        .slice(0, 1)
        .map((of) => ({ ...of, levels: [{ kind: 'rps' as const, value }] }));
      return { run: { manifest: { ...manifest, scenarios }, trials }, targets: NAMES };
    });
    const [a, b] = [sides[0] ?? assert.fail(), sides[1] ?? assert.fail()];
    assert.deepEqual(whyNotComparable(a, b), [
      'scenarios and levels, none of which is in both: chat-minimal 100 rps in a, chat-minimal 200 rps in b',
    ]);
  });
});

describe('the change', () => {
  const series = (values: readonly number[]) => new Map(values.map((value, i) => [i + 1, value]));
  const of = (a: readonly number[], b: readonly number[], pairing: 'blocks' | 'runs') =>
    changeSeriesOf({ a: series(a), b: series(b), by: null, unit: 'us', floor: 0, reference: 1 }, pairing) ??
    assert.fail();

  test('within blocks is Student’s t over the differences of logarithms, by hand', () => {
    // Ratios 1.1, 1.21, 1.331: logarithms 0.09531 apart, mean 2 · 0.09531, s/√3 · t(2) = 0.05503 · 4.303 = 0.23678.
    const { a, b, change } = changeOf(of([10, 20, 30], [11, 24.2, 39.93], 'blocks'), { of: 'blocks' }, 1);
    const before = Math.cbrt(10 * 20 * 30);
    assert.ok(Math.abs(a - before) < 1e-9 && Math.abs(b - 1.21 * before) < 1e-9);
    assert.ok(Math.abs(change.value - 0.21 * before) < 1e-9);
    assert.ok(Math.abs(change.high - before * (1.21 * Math.exp(4.303 * (Math.log(1.1) / Math.sqrt(3))) - 1)) < 1e-9);
  });

  test('is one of differences where a figure is not above 0, by hand', () => {
    // Differences 1, 2, 3: mean 2, standard error 1/√3, t(2) = 4.303.
    const { change } = changeOf(of([-10, 20, 30], [-9, 22, 33], 'blocks'), { of: 'blocks' }, 1);
    assert.equal(change.value, 2);
    assert.ok(Math.abs(change.high - (2 + 4.303 / Math.sqrt(3))) < 1e-9);
  });

  test('between runs is Welch’s t, by hand, and wider by what runs add', () => {
    // Variances 1 and 4 over 3 and 3: error √(5/3); degrees (5/3)² / ((1/3)²/2 + (4/3)²/2) = 2.94, down to 2.
    const runs = of([-1, 0, 1], [6, 8, 10], 'runs');
    const { change } = changeOf(runs, { of: 'runs', variance: 0 }, 1);
    assert.equal(change.value, 8);
    assert.ok(Math.abs(change.high - (8 + 4.303 * Math.sqrt(5 / 3))) < 1e-9);
    // Nothing varies within the runs: 0.1 each is all there is, ± 1.96 · √0.02 on the logarithm (t of 1000 degrees is 1.9623).
    const steady = changeOf(of([100, 100], [110, 110], 'runs'), { of: 'runs', variance: 0.02 }, 100);
    assert.ok(Math.abs(steady.change.high - 100 * (1.1 * Math.exp(1.9623 * Math.sqrt(0.02)) - 1)) < 0.01);
    assert.ok(steady.change.low < 0);
  });

  test('one block says nothing', () => {
    const pair = { a: series([1]), b: series([2]), by: null, unit: 'us', floor: 0, reference: 1 } as const;
    assert.equal(changeSeriesOf(pair, 'blocks'), null);
  });
});

describe('the gate', () => {
  const before = run(1);
  const worse = compareRuns(
    { run: before, targets: ['crabllm'] },
    { run: slowed(run(2), 'crabllm', 400), targets: ['crabllm'] },
  );
  const check = (text: string, comparison = worse) => gateLines(checkGates(parseGates(text), comparison));

  test('fails above its limit and passes below it', () => {
    assert.ok(check('overhead.p50>5%').failures.length > 0);
    assert.ok(check('worse').failures.length > 0);
    assert.ok(check('overhead.p50>100us').failures.length > 0);
    assert.deepEqual(check('overhead.p50 > 5ms'), { failures: [], unjudged: [], reach: [] });
    assert.deepEqual(check('memory>500%'), { failures: [], unjudged: [], reach: [] });
  });

  test('fails only when the whole interval is beyond the limit, and says the figures', () => {
    const cell = worse.cells.find((each) => each.measures.some(({ name }) => name === 'overhead.p50')) ?? assert.fail();
    const found = cell.measures.find(({ name }) => name === 'overhead.p50') ?? assert.fail();
    const change = { value: 0.07 * found.a, low: 0.04 * found.a, high: 0.1 * found.a };
    const measure = { ...found, b: 1.07 * found.a, change, verdict: 'worse' as const };
    const one = { ...worse, cells: [{ ...cell, measures: [measure] }] };
    const open = check('overhead.p50>5%', one);
    assert.deepEqual(open.failures, [], 'its low end is below 5 %, and the limit is as likely as not the truth');
    assert.match(open.reach.join('\n'), /^overhead\.p50>5%: not proven, but up to \+10 % is not excluded either/);
    assert.match(
      check('overhead.p50>3%', one).failures.join('\n'),
      /^overhead\.p50>3%: crabllm .* overhead\.p50 is worse: \S+ ms → \S+ ms, \+\S+ \[\+\S+, \+\S+\] \(\+7\.0 %\)$/,
    );
  });

  test('what a passing gate does not exclude is said', () => {
    const alike = compareRuns({ run: before, targets: ['crabllm'] }, { run: run(2), targets: ['crabllm'] });
    const { failures, reach } = check('overhead.p99>0.01%', alike);
    assert.deepEqual(failures, []);
    assert.match(
      reach.join('\n'),
      /^overhead\.p99>0\.01%: not proven, but up to \+\d+ % is not excluded either \(crabllm /,
    );
  });

  test('a cell that keeps up no more fails every gate', () => {
    const lost = compareRuns({ run: before, targets: ['portkey'] }, { run: before, targets: ['litellm'] });
    assert.match(check('memory>500%', lost).failures.join('\n'), /litellm chat-minimal 500 rps: .*saturated/);
  });

  test('what could not be measured lets nothing pass', () => {
    const absent = compareRuns({ run: before, targets: ['crabllm'] }, { run: before, targets: ['bifrost'] });
    assert.deepEqual(check('overhead.p50>5%', absent).failures, []);
    assert.ok(check('overhead.p50>5%', absent).unjudged.length > 0);
  });

  const among = (of: StoredRun, a = 'crabllm', b = 'portkey') =>
    compareRuns({ run: of, targets: [a] }, { run: of, targets: [b] });

  for (const gate of ['worse', 'overhead.p50>5%']) {
    test(`${gate} does not pass where each side has one block`, () => {
      const { unjudged, failures } = check(
        gate,
        among({ ...before, trials: before.trials.filter(({ block }) => block === 1) }),
      );
      assert.match(
        unjudged.join('\n'),
        /portkey chat-minimal 100 rps: both kept up, but no figure is there on both sides/,
      );
      assert.match(unjudged.join('\n'), new RegExp(`^${gate}: no cell has (any|that) figure on both sides`, 'm'));
      assert.ok(
        failures.every((line) => line.includes('saturated')),
        failures.join('\n'),
      );
    });

    test(`${gate} does not pass where nothing is in common`, () =>
      assert.equal(check(gate, { ...worse, cells: [] }).unjudged.length, 1));

    test(`${gate} does not pass where b kept up in a few trials only`, () => {
      const broken = {
        ...before,
        trials: before.trials.map((trial) =>
          trial.target === 'portkey' && trial.block > 1 ? { ...trial, state: 'saturated' as const } : trial,
        ),
      };
      const comparison = among(broken);
      const [cell] = comparison.cells;
      assert.equal(cell?.verdict, 'not-compared');
      assert.match(
        check(gate, comparison).unjudged.join('\n'),
        /portkey chat-minimal 100 rps: a ok; b .*1 valid, 5 saturated/,
      );
      const back = check(gate, among(broken, 'portkey', 'crabllm'));
      assert.ok(!back.unjudged.some((line) => line.includes('100 rps: a ')), 'that b keeps up again is nothing worse');
    });

    test(`${gate} does not pass where no noise floor is known`, () => {
      const once = { ...before, trials: before.trials.filter(({ replica }) => replica === 1) };
      assert.match(
        check(gate, among(once)).unjudged.join('\n'),
        new RegExp(`^${gate}: portkey chat-minimal 100 rps overhead\\.p50.*: no block holds direct twice`, 'm'),
      );
    });
  }

  test('a quantity that only some cells have is judged in those, and the others are named', () => {
    const alike = among(before, 'crabllm', 'crabllm');
    const { failures, unjudged, reach } = check('ttft.p50>5%', alike);
    assert.deepEqual({ failures, unjudged }, { failures: [], unjudged: [] });
    assert.deepEqual(reach, [
      'ttft.p50>5%: says nothing of crabllm chat-minimal 100 rps, crabllm chat-minimal 500 rps, crabllm chat-minimal 1000 rps, where that figure is not there on both sides',
    ]);
    const minimal = { ...alike, cells: alike.cells.filter(({ scenario }) => scenario === 'chat-minimal') };
    assert.deepEqual(check('ttft.p50>5%', minimal), {
      failures: [],
      unjudged: ['ttft.p50>5%: no cell has that figure on both sides, from two blocks or more'],
      reach: [],
    });
  });

  for (const text of ['', 'p99>5%', 'overhead.p99', 'overhead.p99>5MiB', 'memory>5ms', 'overhead.p99>-1%', 'worst'])
    test(`"${text}" is refused`, () => assert.throws(() => parseGates(text), { code: 'bad-value', exitCode: 2 }));
});
