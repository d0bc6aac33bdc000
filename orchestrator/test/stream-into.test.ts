import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { createGunzip, createGzip, gunzipSync } from 'node:zlib';
import { streamInto } from '#src/stream-into.js';

const directory = mkdtempSync(join(tmpdir(), 'into-'));
after(() => rmSync(directory, { recursive: true }));

test('what comes is in the file, through whatever it is to go', async () => {
  const path = join(directory, 'packed');
  await streamInto(path, Readable.from(['one', 'two']), createGzip());
  assert.equal(gunzipSync(readFileSync(path)).toString(), 'onetwo');
  rmSync(path);
});

test('a source that fails at once leaves no file behind that comes when it was already given up', async () => {
  for (let times = 0; times < 20; times++) {
    const path = join(directory, `broken-${times}`);
    await assert.rejects(streamInto(path, Readable.from(['no gzip at all']), createGunzip()), { code: 'Z_DATA_ERROR' });
    rmSync(path);
  }
  assert.deepEqual(readdirSync(directory), []);
});

test('where there is no such folder the source is let go', async () => {
  const source = Readable.from(['one']);
  await assert.rejects(streamInto(join(directory, 'none', 'file'), source), { code: 'ENOENT' });
  assert.equal(source.destroyed, true);
});
