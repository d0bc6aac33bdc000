import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { keepEarlierRun } from '#src/cli/earlier-run.js';
import { RunWriter } from '#src/record/run-directory.js';
import { MANIFEST } from '../support/stored-run.js';

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
