import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { BenchError } from '#src/errors.js';
import { exitOfPlace, placeFault } from '#src/place-fault.js';
import { BenchHome } from '#src/runtime/process/bench-home.js';
import { ProcessRuntime } from '#src/runtime/process/process-runtime.js';

const directory = mkdtempSync(join(tmpdir(), 'place-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const errno = (code: string) => Object.assign(new Error(`${code}: not so`), { code });

test('an output that is not this user’s, read-only or full is the surroundings; one that has a file in its way is bad input', () => {
  for (const code of ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT']) assert.equal(exitOfPlace(errno(code)), 4);
  for (const code of ['ENOTDIR', 'EEXIST', 'ENAMETOOLONG']) assert.equal(exitOfPlace(errno(code)), 2);
});

test('a place that cannot be written is one line with its path and exit code 4', () => {
  for (const [code, word] of [
    ['EACCES', 'place-unwritable'],
    ['EROFS', 'place-unwritable'],
    ['ENOSPC', 'disk-full'],
    ['EDQUOT', 'disk-full'],
  ] as const) {
    const fault = placeFault(errno(code), '/x', 'notes', 'Do this.');
    assert.ok(fault instanceof BenchError);
    assert.deepEqual([fault.code, fault.exitCode, fault.hint], [word, 4, 'Do this.']);
    assert.equal(fault.message, `/x, for notes, cannot be written: ${code}: not so`);
  }
  const bug = new TypeError('x');
  assert.equal(placeFault(bug, '/x', 'notes', ''), bug, 'a fault of this program is none of a place');
});

test('a home that is no folder is told before anything is started', async () => {
  const file = join(directory, 'file');
  writeFileSync(file, '');
  const runtime = new ProcessRuntime({ home: new BenchHome(join(file, 'bench')) });
  await assert.rejects(runtime.sweep(), {
    code: 'place-unwritable',
    exitCode: 4,
    message: /file\/bench\/run, for notes/,
  });
  await runtime.close();
});
