import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const WORKSPACE = resolve(import.meta.dirname, '..');

/** Compares text with a file under test/golden; `UPDATE_GOLDEN=1` writes it instead, to be read before it is committed. */
export function assertGolden(name: string, actual: string): void {
  assertFile(`test/golden/${name}`, actual);
}

/** The same for a file anywhere in the workspace that is made from the code. */
export function assertFile(name: string, actual: string): void {
  const path = resolve(WORKSPACE, name);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, actual);
  }
  assert.equal(actual, readFileSync(path, 'utf8'), `differs from ${name}; UPDATE_GOLDEN=1 rewrites it`);
}
