import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { exportCommand } from '#src/cli/export.js';
import { BenchError } from '#src/errors.js';
import { writeColumnFile } from '#src/load/native/column-file.js';
import { createColumns, outcomeCode } from '#src/load/native/columns.js';
import type { Manifest } from '#src/record/manifest.js';
import { RunWriter, trialFileName } from '#src/record/run-directory.js';
import type { Distribution, ResourceRecord } from '#src/record/trial.js';
import { loadRecord } from '../support/fake-runtime.js';
import { MANIFEST, TRIAL } from '../support/stored-run.js';

const SPREAD: Distribution = {
  count: 3,
  quantiles: { p50: 300, p90: 300, p99: 300, p999: 300, max: 300 },
  // Three values of 300 or 301 µs, whose bucket is 2 µs wide.
  seconds: [[278, 3]],
};

const ONE_CELL: Manifest = {
  ...MANIFEST,
  scenarios: [{ name: 'chat-minimal', streaming: false, expectedErrorShare: 0, levels: [{ kind: 'rps', value: 100 }] }],
  targets: [
    {
      name: 'direct',
      kind: 'direct',
      url: '',
      version: null,
      digest: null,
      limits: { cpus: null, memoryBytes: null, enforced: false },
      absent: null,
    },
  ],
};

const RESOURCES: ResourceRecord = {
  memoryPeakBytes: 2 * 1024 ** 2,
  memoryStartBytes: null,
  memoryEndBytes: 1024 ** 2,
  cpuUs: null,
  cpuWindowMs: null,
  throttledMs: null,
  series: [],
};

/** A run of two trials: one by the native driver, and one that was not measured. */
async function storedRun(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'export-'));
  const writer = new RunWriter(directory);
  const columns = createColumns(2, false);
  columns.intendedUs.set([0, 1000.5]);
  columns.sentUs.set([3, 4]);
  columns.lastByteUs[1] = 250;
  columns.outcome.set([outcomeCode('timeout'), outcomeCode('ok')]);
  const file = await writeColumnFile([{ columns, rows: 2, counterStart: 0, counterStep: 1 }], {
    startedAtUs: 5,
    warmupUs: 1000,
    measureUs: 1000,
    uneven: false,
    idPrefix: 'abcdefgh',
    kinds: [{ name: '', part: '' }],
  });
  writer.writeManifest(MANIFEST);
  const requests = writer.writeTrialFile('direct-chat-minimal-100rps.b1.requests.gz', file);
  const load = loadRecord(100, { latencyUs: SPREAD });
  const raw = writer.writeTrialFile('direct-chat-minimal-100rps.b1.json', '{}');
  writer.appendTrial({ ...TRIAL, state: 'valid', reason: null, load, files: { ...TRIAL.files, raw, requests } });
  writer.appendTrial({ ...TRIAL, target: 'gw' });
  return directory;
}

test('every trial that holds something becomes CSV, a row a request', async () => {
  const directory = await storedRun();
  assert.equal(await exportCommand.run({ csv: true }, [directory], null), 0);
  const folder = join(directory, 'csv');
  assert.deepEqual(readdirSync(folder).sort(), [
    'direct-chat-minimal-100rps.b1.requests.csv',
    'direct-chat-minimal-100rps.b1.seconds.csv',
  ]);
  assert.deepEqual(readFileSync(join(folder, 'direct-chat-minimal-100rps.b1.requests.csv'), 'utf8').split('\n'), [
    'id,kind,measured,outcome,intendedUs,sentUs,waitingUs,connectUs,firstByteUs,firstFrameUs,firstTokenUs,lastByteUs,endUs,maxGapUs,status,bytes,frames,chunks,reads,resent',
    'abcdefgh00000000,,0,timeout,0.0,3,,,,,,,,,0,0,0,0,0,0',
    'abcdefgh00000001,,1,ok,1000.5,4,,,,,,250,,,0,0,0,0,0,0',
    '',
  ]);
  const seconds = readFileSync(join(folder, 'direct-chat-minimal-100rps.b1.seconds.csv'), 'utf8').split('\n');
  assert.deepEqual(seconds.slice(0, 2), ['quantity,second,lowUs,widthUs,count', 'latencyUs,0,300,2,3']);
});

test('a file that is not what was measured is refused by name', async () => {
  const directory = await storedRun();
  writeFileSync(join(directory, 'direct-chat-minimal-100rps.b1.requests.gz'), 'changed');
  await assert.rejects(
    async () => exportCommand.run({ csv: true }, [directory], null),
    (error) =>
      error instanceof BenchError && error.exitCode === 2 && /requests\.gz cannot be exported/.test(error.message),
  );
});

test('two trials of one cell are two files, also where the run has one block: windows at one rate, a block and its repeat', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'export-'));
  const writer = new RunWriter(directory);
  writer.writeManifest({ ...MANIFEST, blocks: 1 });
  for (const block of [1, 2, 3]) {
    const count = block;
    const name = trialFileName({ ...TRIAL, block, numbered: block > 1 });
    const raw = writer.writeTrialFile(`${name}.json`, '{}');
    const load = loadRecord(100, { latencyUs: { ...SPREAD, count, seconds: [[278, count]] } });
    writer.appendTrial({ ...TRIAL, block, state: 'valid', reason: null, load, files: { ...TRIAL.files, raw } });
  }
  assert.equal(await exportCommand.run({ csv: true }, [directory], null), 0);
  const folder = join(directory, 'csv');
  const counts = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8').split('\n')[1] ?? '');
  assert.deepEqual(counts.sort(), ['latencyUs,0,300,2,1', 'latencyUs,0,300,2,2', 'latencyUs,0,300,2,3']);
});

test('a form has to be said', async () => {
  await assert.rejects(
    async () => exportCommand.run({}, ['results'], null),
    (error) => error instanceof BenchError && error.exitCode === 2 && error.hint?.includes('--csv') === true,
  );
});

/** What a script of the original suite reads: names of files, three quantiles, rate, success and memory. */
function readAsThere(directory: string): unknown[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.json') && !file.endsWith('.mem.json') && file !== 'summary.json')
    .map((file) => {
      const read = (name: string) => JSON.parse(readFileSync(join(directory, name), 'utf8'));
      const { latencyPercentiles: quantiles, summary } = read(file);
      const { memory_kb: memory } = read(file.replace(/json$/, 'mem.json'));
      return [file, quantiles.p50 * 1000, quantiles.p99 * 1000, summary.requestsPerSec, summary.successRate, memory];
    });
}

test('a run becomes what scripts of the original suite read: blocks pooled, memory as one look behind the load', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'export-'));
  const writer = new RunWriter(directory);
  writer.writeManifest({ ...ONE_CELL, blocks: 2 });
  const resources = { ...RESOURCES, memoryPeakBytes: 9e9, memoryEndBytes: 2048 * 1024 };
  for (const [block, bucket] of [
    [1, 278],
    [2, 300],
  ] as const) {
    const load = loadRecord(100, { latencyUs: { ...SPREAD, count: 100, seconds: [[bucket, 100]] } });
    writer.appendTrial({ ...TRIAL, block, state: 'valid', reason: null, load, resources });
  }
  const into = join(directory, 'original');
  assert.equal(await exportCommand.run({ original: into }, [directory], null), 0);
  const [[file, p50, p99, rps, success, memory]] = readAsThere(into) as [
    [string, number, number, number, number, number],
  ];
  assert.equal(file, 'direct-chat-minimal-100rps.json');
  assert.ok(p50 > 0.29 && p50 < 0.31 && p99 > 0.33, `${p50} ${p99}`);
  assert.deepEqual([rps, success, memory], [100, 1, 2048]);
  const summary = JSON.parse(readFileSync(join(into, 'summary.json'), 'utf8'));
  assert.deepEqual(Object.keys(summary.direct['chat-minimal']['100']), [
    'p50',
    'p90',
    'p99',
    'rps',
    'success',
    'memory_mb',
  ]);
  assert.equal(summary.direct['chat-minimal']['100'].memory_mb, 2);
});

test('a saturated cell keeps rate, success and memory, and has no latency: it would be the length of the window', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'export-'));
  const writer = new RunWriter(directory);
  writer.writeManifest({ ...ONE_CELL, blocks: 1 });
  const load = loadRecord(50, { latencyUs: SPREAD });
  const reason = { code: 'saturated', message: 'saturated at 50/100 rps' };
  writer.appendTrial({ ...TRIAL, state: 'saturated', reason, load, resources: RESOURCES });
  const into = join(directory, 'original');
  assert.equal(await exportCommand.run({ original: into }, [directory], null), 0);
  const {
    p50,
    rps,
    memory_mb: memory,
  } = JSON.parse(readFileSync(join(into, 'summary.json'), 'utf8')).direct['chat-minimal']['100'];
  assert.deepEqual([p50, rps, memory], [null, 50, 1]);
});

test('a directory of the original suite is copied as it is, with the summary that it would write', async () => {
  const from = fileURLToPath(new URL('../../test/fixtures/original', import.meta.url));
  const into = mkdtempSync(join(tmpdir(), 'export-'));
  assert.equal(await exportCommand.run({ original: into }, [from], null), 0);
  const [first] = readdirSync(into).filter((file) => file.endsWith('rps.json'));
  assert.ok(first !== undefined);
  assert.equal(readFileSync(join(into, first), 'utf8'), readFileSync(join(from, first), 'utf8'));
  assert.ok(Object.keys(JSON.parse(readFileSync(join(into, 'summary.json'), 'utf8'))).length > 1);
});

test('the run’s own directory is refused, and two forms at once', async () => {
  const directory = await storedRun();
  const hint = (given: Record<string, unknown>) => exportCommand.run(given, [directory], null);
  await assert.rejects(async () => hint({ original: directory }), /is the run's own directory/);
  await assert.rejects(async () => hint({ csv: true, original: 'x' }), /--csv cannot go with --original/);
});
