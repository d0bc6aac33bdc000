import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { exportCommand } from '#src/cli/export.js';
import { BenchError } from '#src/errors.js';
import { writeColumnFile } from '#src/load/native/column-file.js';
import { createColumns, outcomeCode } from '#src/load/native/columns.js';
import { RunWriter, trialFileName } from '#src/record/run-directory.js';
import type { Distribution } from '#src/record/trial.js';
import { loadRecord } from '../support/fake-runtime.js';
import { MANIFEST, TRIAL } from '../support/stored-run.js';

const SPREAD: Distribution = {
  count: 3,
  quantiles: { p50: 300, p90: 300, p99: 300, p999: 300, max: 300 },
  // Three values of 300 or 301 µs, whose bucket is 2 µs wide.
  seconds: [[278, 3]],
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

test('a form has to be said', () => {
  assert.throws(
    () => exportCommand.run({}, ['results'], null),
    (error) => error instanceof BenchError && error.exitCode === 2 && error.hint?.includes('--csv') === true,
  );
});
