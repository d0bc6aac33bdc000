import assert from 'node:assert/strict';
import { appendFileSync, chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { RunWriter, readRun, trialFileName } from '#src/record/run-directory.js';
import type { TrialRecord } from '#src/record/trial.js';
import { MANIFEST, TRIAL } from '../support/stored-run.js';

const freshDirectory = () => mkdtempSync(join(tmpdir(), 'run-'));

test('what is written is read back', () => {
  const writer = new RunWriter(freshDirectory());
  writer.writeManifest(MANIFEST);
  writer.appendTrial(TRIAL);
  writer.appendTrial({ ...TRIAL, block: 2 });
  const run = readRun(writer.directory);
  assert.deepEqual(run.manifest, MANIFEST);
  assert.deepEqual(run.trials, [TRIAL, { ...TRIAL, block: 2 }]);
});

test('a last line cut short by a crash is left out, and appending goes on behind whole lines', () => {
  const writer = new RunWriter(freshDirectory());
  writer.writeManifest(MANIFEST);
  writer.appendTrial(TRIAL);
  appendFileSync(join(writer.directory, 'trials.jsonl'), '{"schemaVersion":1,"blo');
  assert.equal(readRun(writer.directory).trials.length, 1);
  writer.mendTrials();
  writer.appendTrial({ ...TRIAL, block: 2 });
  assert.deepEqual(
    readRun(writer.directory).trials.map(({ block }) => block),
    [1, 2],
  );
});

test('one side of a pair without the other is cut off with the torn line behind it, and both are written anew', () => {
  const writer = new RunWriter(freshDirectory());
  writer.writeManifest({ ...MANIFEST, paired: { a: 'a', b: 'b' } });
  const side = (target: 'a' | 'b', block: number): TrialRecord => {
    const [other, turn] = target === 'a' ? (['b', 1] as const) : (['a', 2] as const);
    // Letters of more than a byte: lines are counted in the file's bytes.
    const reason = { code: 'x', message: 'ähm → ☂' };
    return { ...TRIAL, target, block, reason, paired: { id: `p${block}`, with: other, turn } };
  };
  const whole = [side('a', 1), side('b', 1)];
  for (const trial of [...whole, side('b', 2)]) writer.appendTrial(trial);
  appendFileSync(join(writer.directory, 'trials.jsonl'), '{"schemaVersion":1,"blo');
  assert.deepEqual(readRun(writer.directory).trials, whole);
  writer.mendTrials();
  const both = [side('b', 2), side('a', 2)];
  for (const trial of both) writer.appendTrial(trial);
  assert.deepEqual(readRun(writer.directory).trials, [...whole, ...both]);
  writer.mendTrials();
  assert.deepEqual(readRun(writer.directory).trials, [...whole, ...both]);
});

test('damage in the middle is an error that names the line', () => {
  const writer = new RunWriter(freshDirectory());
  writer.writeManifest(MANIFEST);
  writeFileSync(join(writer.directory, 'trials.jsonl'), 'garbage\n');
  assert.throws(() => readRun(writer.directory), { code: 'run-damaged', message: /trials\.jsonl:1/ });
});

test('a directory without a run says so', () => {
  assert.throws(() => readRun(freshDirectory()), { code: 'run-missing', exitCode: 2 });
});

test('an output directory that cannot be made is refused', () => {
  const directory = freshDirectory();
  writeFileSync(join(directory, 'file'), '');
  assert.throws(() => new RunWriter(join(directory, 'file', 'below')), { code: 'output-unwritable', exitCode: 2 });
});

test('a read-only output directory is refused', {
  skip: process.getuid?.() === 0 ? 'root may write everywhere' : false,
}, () => {
  const directory = freshDirectory();
  chmodSync(directory, 0o500);
  assert.throws(() => new RunWriter(directory), { code: 'output-unwritable' });
});

test('files replace each other whole and leave nothing beside', () => {
  const writer = new RunWriter(freshDirectory());
  writer.writeFile('a/b.txt', 'one');
  writer.writeFile('a/b.txt', 'two');
  assert.equal(readFileSync(join(writer.directory, 'a/b.txt'), 'utf8'), 'two');
  assert.equal(existsSync(join(writer.directory, 'a/b.txt.part')), false);
});

test('a full disk is told as such and leaves the trials readable', {
  skip: existsSync('/dev/full') ? false : 'no /dev/full here',
}, () => {
  const writer = new RunWriter(freshDirectory());
  assert.throws(() => new RunWriter('/dev/full'), { code: 'output-unwritable' });
  assert.throws(() => new RunWriter('/proc/bench/run'), { code: 'output-unwritable' });
  writer.writeManifest(MANIFEST);
  writer.appendTrial(TRIAL);
  assert.equal(readRun(writer.directory).trials.length, 1);
});

test('files are named as the original suite names them', () => {
  const trial = { target: 'crabllm', replica: 1, scenario: 'chat-minimal', block: 1, numbered: false } as const;
  const level = { kind: 'rps', value: 500 } as const;
  assert.equal(trialFileName({ ...trial, level }), 'crabllm-chat-minimal-500rps');
  assert.equal(trialFileName({ ...trial, level, block: 3, numbered: true }), 'crabllm-chat-minimal-500rps.b3');
  assert.equal(
    trialFileName({ ...trial, scenario: 'concurrent-streams', level: { kind: 'streams', value: 100 } }),
    'crabllm-concurrent-100',
  );
  assert.equal(
    trialFileName({ ...trial, target: 'direct', replica: 2, level, block: 2, numbered: true }),
    'direct-again-chat-minimal-500rps.b2',
  );
});
