import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { keepEarlierRun } from '#src/measure/earlier-run.js';
import { RunWriter } from '#src/record/run-directory.js';
import { MANIFEST, TRIAL } from '../support/stored-run.js';

const freshDirectory = () => mkdtempSync(join(tmpdir(), 'earlier-'));

test('a run is moved out of the way whole, under its id, and earlier ones stay where they are', () => {
  const directory = freshDirectory();
  for (const id of ['r1', 'r2']) {
    const writer = new RunWriter(directory);
    writer.writeManifest({ ...MANIFEST, id });
    writer.writeFile('charts/a.svg', id);
    assert.equal(keepEarlierRun(directory), join(directory, 'earlier', id));
  }
  assert.deepEqual(readdirSync(directory), ['earlier']);
  assert.deepEqual(readdirSync(join(directory, 'earlier')).sort(), ['r1', 'r2']);
  assert.ok(existsSync(join(directory, 'earlier', 'r1', 'charts', 'a.svg')));
});

test('a run that cannot be read is kept as well', () => {
  const directory = freshDirectory();
  writeFileSync(join(directory, 'run.json'), 'damaged');
  assert.match(keepEarlierRun(directory) ?? '', /earlier\/unreadable-\d+$/);
});

test('files that are no run are left alone', () => {
  const directory = freshDirectory();
  writeFileSync(join(directory, 'notes.txt'), '');
  assert.equal(keepEarlierRun(directory), null);
  assert.deepEqual(readdirSync(directory), ['notes.txt']);
});

test('what is not the run’s stays: foreign files and folders, and another run in a folder of its own', () => {
  const directory = freshDirectory();
  const writer = new RunWriter(directory);
  writer.writeManifest(MANIFEST);
  const raw = writer.writeTrialFile('direct-chat-minimal-100rps.json', '{}');
  const log = writer.writeTrialFile('logs/direct.log', 'bye');
  writer.appendTrial({ ...TRIAL, files: { ...TRIAL.files, raw, log } });
  writer.writeFile('csv/direct-chat-minimal-100rps.seconds.csv', '');
  const foreign = ['package.json', 'logs/app.log', 'charts/sketch.txt', 'src/main.ts', 'calibration/truth/run.json'];
  for (const name of foreign) writer.writeFile(name, '');

  const place = keepEarlierRun(directory) ?? assert.fail();
  assert.deepEqual(filesIn(place), [
    'csv/direct-chat-minimal-100rps.seconds.csv',
    'direct-chat-minimal-100rps.json',
    'logs/direct.log',
    'run.json',
    'trials.jsonl',
  ]);
  assert.deepEqual(
    filesIn(directory).filter((name) => !name.startsWith('earlier/')),
    foreign.sort(),
  );
  assert.ok(!existsSync(join(directory, 'csv')), 'a folder that is empty now is taken away');
});

test('a record that names a file outside the directory moves nothing there', () => {
  const directory = join(freshDirectory(), 'run');
  const writer = new RunWriter(directory);
  writer.writeManifest(MANIFEST);
  const outside = join(directory, '..', 'outside.json');
  writeFileSync(outside, '');
  const raw = { name: '../outside.json', sha256: 'x' };
  writer.appendTrial({ ...TRIAL, files: { ...TRIAL.files, raw } });
  keepEarlierRun(directory);
  assert.ok(existsSync(outside));
});

/** All files below a directory, as paths within it. */
function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort();
}
