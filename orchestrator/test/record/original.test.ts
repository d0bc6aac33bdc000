import assert from 'node:assert/strict';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { manifestSchema } from '#src/record/manifest.js';
import { type OriginalRun, readOriginal } from '#src/record/original.js';
import { summarySchema } from '#src/record/summary.js';
import { type TrialRecord, trialRecordSchema } from '#src/record/trial.js';

const FIXTURES = resolve(import.meta.dirname, '../../test/fixtures/original');

function trialOf({ trials }: OriginalRun, file: string): TrialRecord {
  const found = trials.find(({ target, scenario, level }) => file === `${target}-${scenario}-${level.value}rps.json`);
  assert.ok(found, file);
  return found;
}

describe('a directory of the original suite', () => {
  let run: OriginalRun;
  before(async () => {
    run = await readOriginal(FIXTURES);
  });

  it('becomes records that keep the contract', () => {
    assert.deepEqual(manifestSchema.parse(run.manifest), run.manifest);
    for (const trial of run.trials) assert.deepEqual(trialRecordSchema.parse(trial), trial);
    const summary = analyse(run.manifest, run.trials);
    assert.deepEqual(summarySchema.parse(summary), summary);
    assert.deepEqual(run.leftOut, []);
  });

  it('takes percentiles in microseconds, memory in KiB and answers as the suite wrote them', () => {
    const { state, load, resources, level } = trialOf(run, 'crabllm-chat-minimal-100rps.json');
    assert.deepEqual([state, level], ['valid', { kind: 'rps', value: 100 }]);
    assert.deepEqual(load?.latencyUs.quantiles, { p50: 813.2, p90: 1270.2, p99: 1935.8, p999: 2529.1, max: 2529.1 });
    assert.equal(load?.latencyUs.seconds, null);
    assert.deepEqual([load?.ok, load?.scheduled, load?.dropped, load?.errors], [500, 500, 0, {}]);
    assert.equal(resources?.memoryPeakBytes, 64612 * 1024);
  });

  it('has times to first byte for streams only', () => {
    assert.ok(trialOf(run, 'direct-chat-stream-500rps.json').load?.ttftUs?.quantiles.p50);
    assert.equal(trialOf(run, 'direct-chat-minimal-500rps.json').load?.ttftUs, null);
  });

  it('calls every row of LiteLLM saturated and says where it stood, whatever its label', () => {
    const rows = analyse(run.manifest, run.trials).cells.filter(
      ({ target, state }) => target === 'litellm' && state !== 'absent',
    );
    assert.deepEqual(
      rows.map(({ scenario, level, state, reason }) => [scenario, level.value, state, reason?.message]),
      [
        ['chat-minimal', 100, 'saturated', 'saturated at 58.2/100 rps'],
        ['chat-minimal', 500, 'saturated', 'saturated at 53.5/500 rps'],
        ['chat-stream', 500, 'saturated', 'saturated at 14.0/500 rps'],
      ],
    );
    assert.ok(rows.every(({ latencyUs }) => Object.keys(latencyUs).length === 0));
    assert.equal(trialOf(run, 'litellm-chat-minimal-500rps.json').load?.dropped, 2234);
  });

  it('calls the rows at 1417 of 2000 rps saturated that the suite printed as 2000', () => {
    for (const target of ['crabllm', 'bifrost']) {
      const { state, reason } = trialOf(run, `${target}-chat-stream-2000rps.json`);
      assert.deepEqual([state, reason?.message], ['saturated', 'saturated at 1417/2000 rps']);
    }
  });

  it('has a row for a cell without a file', () => {
    const { cells } = analyse(run.manifest, run.trials);
    const absent = cells.find(({ target, level }) => target === 'bifrost' && level.value === 100);
    assert.deepEqual([absent?.state, absent?.reason?.code], ['absent', 'no-file']);
  });

  it('gives no verdict, because direct took part once', () => {
    const { cells, findings } = analyse(run.manifest, run.trials);
    const codes = findings.map(({ code }) => code);
    for (const code of ['single-block', 'no-noise-floor', 'latency-from-free-connection', 'memory-not-peak']) {
      assert.ok(codes.includes(code), code);
    }
    const verdicts = cells.flatMap(({ overheadUs }) => Object.values(overheadUs ?? {}).map((shift) => shift?.verdict));
    assert.ok(verdicts.length > 0 && verdicts.every((verdict) => verdict === 'within-noise'));
  });
});

describe('a damaged directory', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'original-'));
    await cp(FIXTURES, directory, { recursive: true });
  });
  after(() => rm(directory, { recursive: true }));

  it('gives trials their reason and keeps the rest', async () => {
    await writeFile(join(directory, 'crabllm-chat-minimal-500rps.json'), '{"summary": {"tot');
    await writeFile(join(directory, 'crabllm-chat-stream-500rps.json'), '{"summary": {"total": "five"}}');
    await writeFile(join(directory, 'direct-chat-minimal-100rps.mem.json'), '{"memory_kb": "lots"}');
    await rm(join(directory, 'direct-chat-minimal-500rps.mem.json'));
    await writeFile(join(directory, 'notes.json'), '{}');
    const run = await readOriginal(directory);

    const torn = trialOf(run, 'crabllm-chat-minimal-500rps.json');
    assert.deepEqual([torn.state, torn.reason?.code, torn.load], ['void', 'unreadable-result', null]);
    const strange = trialOf(run, 'crabllm-chat-stream-500rps.json');
    assert.match(strange.reason?.message ?? '', /is not a result of oha: .*summary\.total/);
    assert.equal(trialOf(run, 'direct-chat-minimal-500rps.json').resources, null);
    const codes = trialOf(run, 'direct-chat-minimal-100rps.json').warnings.map(({ code }) => code);
    assert.ok(codes.includes('unreadable-memory'));
    assert.deepEqual(
      run.leftOut.map(({ code }) => code),
      ['unknown-file'],
    );
    const { cells } = analyse(run.manifest, run.trials);
    assert.equal(cells.find(({ target, level }) => target === 'crabllm' && level.value === 500)?.state, 'invalid');
    assert.equal(cells.find(({ target, level }) => target === 'direct' && level.value === 500)?.state, 'ok');
  });

  it('reads a result without a single answer, in which oha writes null for everything', async () => {
    const nothing = { p50: null, p90: null, p99: null, 'p99.9': null };
    const result = {
      summary: { successRate: null, total: 5.001, slowest: null, totalData: 0 },
      latencyPercentiles: nothing,
      firstBytePercentiles: nothing,
      statusCodeDistribution: {},
      errorDistribution: { 'connection error: refused': 5000, 'aborted due to deadline': 50 },
    };
    await writeFile(join(directory, 'portkey-chat-minimal-500rps.json'), JSON.stringify(result));
    const trial = trialOf(await readOriginal(directory), 'portkey-chat-minimal-500rps.json');
    assert.equal(trial.state, 'failed');
    assert.deepEqual(trial.load?.errors, { other: 5000 });
  });

  const latency = { p50: 0.001, p90: 0.002, p99: 0.003, 'p99.9': 0.004 };
  const good = {
    summary: { total: 5, slowest: 0.005, totalData: 0 },
    latencyPercentiles: latency,
    firstBytePercentiles: latency,
    statusCodeDistribution: { '200': 2500 },
    errorDistribution: {},
  };
  const read = async (result: unknown): Promise<TrialRecord> => {
    await writeFile(join(directory, 'portkey-chat-stream-500rps.json'), JSON.stringify(result));
    return trialOf(await readOriginal(directory), 'portkey-chat-stream-500rps.json');
  };

  const IMPOSSIBLE: readonly (readonly [string, unknown, RegExp])[] = [
    ['a negative quantile', { ...good, latencyPercentiles: { ...latency, p50: -0.001 } }, /latency p50 is negative/],
    [
      'descending quantiles',
      { ...good, latencyPercentiles: { ...latency, p99: 0.0015 } },
      /latency p99 .* is below its p90/,
    ],
    ['a slowest below the others', { ...good, summary: { ...good.summary, slowest: 0.001 } }, /latency slowest/],
    ['descending first bytes', { ...good, firstBytePercentiles: { ...latency, p90: 0 } }, /time to first byte p90/],
    [
      'a rate far above the label',
      { ...good, statusCodeDistribution: { '200': 3000 } },
      /600 rps, far above its label of 500/,
    ],
    [
      'answers without latencies',
      { ...good, summary: { total: 5 }, latencyPercentiles: {}, firstBytePercentiles: null },
      /2500 answers, and not one latency/,
    ],
    [
      'a latency beyond the load',
      { ...good, summary: { total: 5, slowest: 50 } },
      /a latency of 50 s in a load of 5 s/,
    ],
  ];
  for (const [what, result, message] of IMPOSSIBLE) {
    it(`does not rank ${what}, and names it`, async () => {
      const trial = await read(result);
      assert.deepEqual([trial.state, trial.reason?.code, trial.load], ['void', 'impossible-figures', null]);
      assert.match(trial.reason?.message ?? '', message);
    });
  }

  it('loses a quantile that is missing and no more', async () => {
    const { 'p99.9': _, ...without } = latency;
    const trial = await read({ ...good, latencyPercentiles: without });
    assert.equal(trial.state, 'valid');
    assert.deepEqual(trial.load?.latencyUs.quantiles, { p50: 1000, p90: 2000, p99: 3000, p999: null, max: 5000 });
  });

  it('says of a result what is missing or of another type in plain words', async () => {
    const { statusCodeDistribution: _, ...without } = { ...good, summary: { total: 'five' } };
    assert.match(
      (await read(without)).reason?.message ?? '',
      /is not a result of oha: summary\.total is "five", not of type number; statusCodeDistribution is missing$/,
    );
  });

  it('that holds no results is told to be none', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'original-empty-'));
    await assert.rejects(readOriginal(empty), { code: 'no-results', exitCode: 2 });
    await rm(empty, { recursive: true });
    await assert.rejects(readOriginal(empty), { code: 'unreadable-directory', exitCode: 2 });
  });
});
