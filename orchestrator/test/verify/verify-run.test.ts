import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, test } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { verifyRun } from '#src/verify/verify-run.js';
import { RunWriter } from '#src/record/run-directory.js';
import type { TrialRecord } from '#src/record/trial.js';
import type { Summary } from '#src/record/summary.js';
import { syntheticRun } from '../analyse/synthetic-run.js';

let directory: string;

/** A run as the program leaves it, with the driver's and the resources' files. */
function writeRun(): void {
  const writer = new RunWriter(directory);
  const { manifest, trials } = syntheticRun({ blocks: 3 });
  writer.writeManifest(manifest);
  writer.clearTrials();
  for (const [i, trial] of trials.entries()) {
    const raw = writer.writeTrialFile(`t${i}.json`, JSON.stringify({ driver: 'native', record: trial.load }));
    const resources = writer.writeTrialFile(`t${i}.mem.json`, JSON.stringify({ memory_kb: 1, ...trial.resources }));
    writer.appendTrial({ ...trial, files: { ...trial.files, raw, resources } });
  }
  writer.writeJson('summary.json', JSON.parse(JSON.stringify(analyse(manifest, trials))));
}

function doctorSummary(change: (summary: Summary) => void): void {
  const path = join(directory, 'summary.json');
  const summary = JSON.parse(readFileSync(path, 'utf8')) as Summary;
  change(summary);
  writeFileSync(path, JSON.stringify(summary));
}

/** Rewrites the trials, and the summary to fit them, as a careful forger would. */
function doctorTrials(change: (trials: TrialRecord[]) => TrialRecord[]): void {
  const path = join(directory, 'trials.jsonl');
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const trials = change(lines.map((line) => JSON.parse(line) as TrialRecord));
  writeFileSync(path, trials.map((trial) => `${JSON.stringify(trial)}\n`).join(''));
  const { manifest } = syntheticRun({ blocks: 3 });
  new RunWriter(directory).writeJson('summary.json', analyse(manifest, trials));
}

/** The same, of the first trial. */
function doctorTrial(change: (trial: TrialRecord) => TrialRecord): void {
  doctorTrials((trials) => trials.map((trial, i) => (i === 0 ? change(trial) : trial)));
}

function faults(): string[] {
  return verifyRun(directory).faults.map(({ file, field, message }) => `${file}: ${field ?? ''}: ${message}`);
}

describe('verify', () => {
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'verify-'));
    writeRun();
  });

  test('a run that ended before its first trial is told what is missing, and sealed as it is', () => {
    rmSync(join(directory, 'trials.jsonl'));
    assert.match(faults()[0] ?? '', /^trials.jsonl: .* missing$/);
    const { seal } = verifyRun(directory);
    writeFileSync(join(directory, 'trials.jsonl'), '');
    assert.equal(verifyRun(directory).seal, seal);
  });

  test('a run as it was measured has no fault, and what was checked is counted', () => {
    const { faults: none, checked, seal } = verifyRun(directory);
    assert.deepEqual(none, []);
    const trials = syntheticRun({ blocks: 3 }).trials.length;
    assert.deepEqual(
      { ...checked, values: 0 },
      {
        trials,
        planned: true,
        files: 2 * trials,
        recounted: 0,
        compared: trials,
        bounded: 0,
        notJudged: [],
        computed: ['summary.json'],
        values: 0,
      },
    );
    assert.ok(checked.values > 500);
    assert.match(seal ?? '', /^[0-9a-f]{64}$/);
  });

  test('a prettier figure in summary.json is named by its cell and field', () => {
    doctorSummary(({ cells }) => {
      const cell = cells.find(({ target, scenario }) => target === 'crabllm' && scenario === 'chat-minimal');
      if (cell?.latencyUs.p99 === undefined) throw new Error('the synthetic run has no such cell');
      cell.latencyUs.p99.value = 1;
    });
    const [only, ...others] = faults();
    assert.match(
      only ?? '',
      /^summary\.json: cells\[crabllm chat-minimal 100 rps\]\.latencyUs\.p99\.value: is 1, and [\d.]+ when/,
    );
    assert.deepEqual(others, []);
  });

  test('a record that is changed together with the summary differs from the driver’s own output', () => {
    doctorTrials((trials) =>
      trials.map((trial, i) => (i === 4 && trial.load !== null ? { ...trial, load: { ...trial.load, ok: 1 } } : trial)),
    );
    const found = faults();
    assert.equal(found.length, 1);
    assert.match(found[0] ?? '', /^trials\.jsonl: .*block 1: load\.ok: 1 is recorded, t4\.json says \d+$/);
  });

  test('a driver’s output that is changed has another digest', () => {
    writeFileSync(join(directory, 't7.json'), '{}');
    assert.ok(faults().some((fault) => fault.startsWith('t7.json: : its bytes are not those that were measured')));
  });

  test('a trial that displeased and was taken out is missed', () => {
    doctorTrials((trials) => trials.filter((_, i) => i !== 5));
    assert.match(faults().join('\n'), /block 1: missing/);
  });

  test('a better trial that was put in beside the first is seen', () => {
    doctorTrials((trials) => [...trials, ...trials.slice(3, 4)]);
    assert.match(faults().join('\n'), /recorded twice, though the first was valid/);
  });

  test('a name that leads out of the directory is not followed', () => {
    doctorTrials((trials) =>
      trials.map((trial, i) =>
        i === 0 ? { ...trial, files: { ...trial.files, raw: { name: '../../etc/passwd', sha256: '' } } } : trial,
      ),
    );
    assert.match(faults().join('\n'), /leads out of the run directory/);
  });

  test('missing and damaged files are faults, not crashes', () => {
    rmSync(join(directory, 'summary.json'));
    rmSync(join(directory, 't0.mem.json'));
    assert.deepEqual(faults(), ['t0.mem.json: : missing', 'summary.json: : missing']);
    writeFileSync(join(directory, 'trials.jsonl'), 'garbage\n');
    assert.match(faults().join('\n'), /trials\.jsonl:1 is not what this program writes/);
  });

  test('a trial whose files are blanked is compared with nothing, and refused for it', () => {
    doctorTrial((trial) => ({ ...trial, files: { ...trial.files, raw: null, resources: null } }));
    const [first, second, ...others] = faults();
    assert.match(first ?? '', /files\.raw: null, though there is a record of its load/);
    assert.match(second ?? '', /files\.resources: null, though there is a record of its resources/);
    assert.deepEqual(others, []);
  });

  test('a valid trial that is struck out is refused', () => {
    doctorTrial((trial) => ({ ...trial, state: 'failed', reason: { code: 'errors', message: 'it displeased' } }));
    const [only, ...others] = faults();
    assert.match(only ?? '', /block 1: state: recorded as failed, and its load says valid$/);
    assert.deepEqual(others, []);
  });

  test('what cannot be judged anew is named with its reason', () => {
    doctorTrial((trial) => ({
      ...trial,
      state: 'failed',
      reason: { code: 'exited', message: 'it exited with code 1' },
    }));
    const { faults: none, checked } = verifyRun(directory);
    assert.deepEqual(none, []);
    assert.equal(checked.notJudged.length, 1);
    assert.match(checked.notJudged[0] ?? '', /, block 1 \(failed, exited\)$/);
  });

  test('with oha a load is held against its output', () => {
    doctorTrials((trials) =>
      trials.map((trial) => ({
        ...trial,
        load: trial.load && { ...trial.load, driver: { name: 'oha', version: '1.16.0' } },
      })),
    );
    const path = join(directory, 'run.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"driver": "native"', '"driver": "oha"'));
    assert.match(faults().join('\n'), /^t0\.json: : oha's result cannot be read: it is not the JSON of oha/m);
  });
});
