import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { Histogram } from '#src/record/histogram.js';
import type { LoadRecord, Pause, TrialRecord } from '#src/record/trial.js';
import { syntheticRun } from '../synthetic-run.js';

const { manifest, trials } = syntheticRun({ ledger: true });

const pausesOf = (longest: readonly Pause[]): LoadRecord['pauses'] => ({
  count: longest.length,
  totalUs: longest.reduce((sum, { lengthUs }) => sum + lengthUs, 0),
  longest: [...longest],
});

/** What is told when crabllm, and direct, paused like this in each of their trials of chat-minimal at 500 rps. */
function told(
  own: readonly Pause[],
  direct: readonly Pause[] | 'void' = [],
  change: Partial<TrialRecord> = {},
  load: Partial<LoadRecord> = {},
) {
  const changed = trials.map((trial): TrialRecord => {
    const at = trial.scenario === 'chat-minimal' && trial.level.value === 500;
    if (trial.load === null) return trial;
    if (at && trial.target === 'crabllm')
      return { ...trial, ...change, load: { ...trial.load, ...load, pauses: pausesOf(own) } };
    if (at && trial.target === 'direct' && direct === 'void')
      return { ...trial, state: 'void', reason: { code: 'driver-late', message: 'the driver sent late' } };
    const beside = at && trial.target === 'direct' && direct !== 'void' ? direct : [];
    return { ...trial, load: { ...trial.load, pauses: pausesOf(beside) } };
  });
  return analyse(manifest, changed).findings.filter(({ code }) => code === 'pauses');
}

const pause = (fromS: number, lengthS: number, requests: number): Pause => ({
  fromUs: fromS * 1e6,
  lengthUs: lengthS * 1e6,
  requests,
});
const again = [0.2, 2.2, 4.2, 6.2].map((at) => pause(at, 0.4, 200));

describe('pauses of a target', () => {
  it('are told with when, how long, how many waited, and in how many blocks', () => {
    const [one] = told([pause(3.9, 5, 1001)]);
    assert.equal(one?.severity, 'warning');
    assert.match(
      one?.message ?? '',
      /^It answered nothing for 5\.0 s, 4 times in 4 of 4 blocks \(first 3\.9 s into block 1\), while 4004 requests waited \(direct: none\)/,
    );
    const [often] = told(again);
    assert.match(
      often?.message ?? '',
      /^It answered nothing for 400 ms, 16 times in 4 of 4 blocks \(every 2\.0 s, first 0\.2 s into block 1\)/,
    );
  });

  it('are told from the beginning of a block where they have begun before it', () => {
    assert.match(told([pause(-0.03, 5, 1001)])[0]?.message ?? '', /\(first 0\.0 s into block 1\)/);
  });

  it('are told of a cell that saturated or failed by them as well', () => {
    const reason = { code: 'saturated', message: 'saturated at 183/500 rps' };
    assert.equal(told([pause(3.9, 5, 1001)], [], { state: 'saturated', reason }).length, 1);
  });

  it('are not told of a trial in which the target ended: it answered nothing from then on', () => {
    for (const code of ['out-of-memory', 'exited'])
      assert.deepEqual(told([pause(3.9, 5, 1001)], [], { state: 'failed', reason: { code, message: 'it ended' } }), []);
    const failed = { code: 'errors', message: '12 % of the requests failed' };
    assert.equal(told([pause(3.9, 5, 1001)], [], { state: 'failed', reason: failed }).length, 1);
  });

  it('are not told where direct shows the like, or where they are short and rare', () => {
    assert.deepEqual(told(again, [pause(1, 0.3, 150)]), []);
    assert.deepEqual(told([]), []);
  });

  it('are not told of what delayed acknowledgements explain, and of longer ones are', () => {
    const short = [1, 3, 5, 7].map((at) => pause(at, 0.045, 12));
    const histogram = new Histogram();
    for (let i = 0; i < 100; i++) histogram.record(i < 40 ? 41_000 + 50 * i : 600 + i);
    const quantiles = { p50: 650, p90: 42_000, p99: 43_000, p999: null, max: 43_000 };
    const caught = { latencyUs: { count: 100, quantiles, seconds: [histogram.toSparse()] } };
    assert.equal(told(short).length, 1);
    assert.deepEqual(told(short, [], {}, caught), []);
    const [long] = told([...short, pause(8, 2, 900)], [], {}, caught);
    assert.match(long?.message ?? '', /^It answered nothing for 2\.0 s, 4 times/);
  });

  it('are not laid to the target where the machine was disturbed in each of those blocks and no direct stands beside', () => {
    const warnings = [{ code: 'other-load', message: 'other work kept the CPUs busy' }];
    const withoutDirect = (change: Partial<TrialRecord>) => told([pause(3.9, 5, 1001)], 'void', change);
    const [unsure] = withoutDirect({ warnings });
    assert.equal(unsure?.severity, 'info');
    assert.match(
      unsure?.message ?? '',
      /\(no direct beside\): the target's own or the machine's, which was disturbed meanwhile \(other-load\)\.$/,
    );
    assert.match(withoutDirect({})[0]?.message ?? '', /\(no direct beside\): pauses of the target's own/);
    assert.match(
      told([pause(3.9, 5, 1001)], [], { warnings })[0]?.message ?? '',
      /\(direct: none\): pauses of the target's own/,
    );
  });

  it('are no more than a curiosity where they are short and come again', () => {
    const short = [1, 2, 3].map((at) => pause(at, 0.004, 3));
    assert.equal(told(short)[0]?.severity, 'info');
  });
});
