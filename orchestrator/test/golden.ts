import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const DIRECTORY = resolve(import.meta.dirname, '../test/golden');

/** Compares text with a file under test/golden; `UPDATE_GOLDEN=1` writes it instead, to be read before it is committed. */
export function assertGolden(name: string, actual: string): void {
  const path = resolve(DIRECTORY, name);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, actual);
  }
  assert.equal(actual, readFileSync(path, 'utf8'), `differs from test/golden/${name}; UPDATE_GOLDEN=1 rewrites it`);
}
