import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { receiveRows } from '#src/agent/receive-rows.js';

const directory = mkdtempSync(join(tmpdir(), 'rows-'));
after(() => rmSync(directory, { recursive: true }));

const PIECES = ['one', 'two', 'three'];
const SHA256 = createHash('sha256').update(PIECES.join('')).digest('hex');
const body = (pieces: Iterable<string>): IncomingMessage =>
  Readable.from(pieces, { objectMode: false }) as IncomingMessage;

test('rows are there when all of them have come, and each piece is heard of', async () => {
  const path = join(directory, 'whole');
  let pieces = 0;
  assert.equal(await receiveRows(body(PIECES), path, SHA256, () => (pieces += 1)), null);
  assert.equal(readFileSync(path, 'utf8'), 'onetwothree');
  assert.equal(pieces, 3);
});

test('spoilt or cut rows are not there, nor anything of them', async () => {
  const path = join(directory, 'spoilt');
  assert.match(
    (await receiveRows(body(['one', 'tvo', 'three']), path, SHA256, () => {})) ?? '',
    /^11 bytes came with SHA-256 /,
  );
  assert.match((await receiveRows(body(PIECES), path, '', () => {})) ?? '', /and none was promised$/);
  const cut = body(
    (function* () {
      yield 'one';
      throw new Error('aborted');
    })(),
  );
  await assert.rejects(
    receiveRows(cut, path, SHA256, () => {}),
    { message: 'aborted' },
  );
  // Nor what was written of them, then or later.
  await setImmediate();
  assert.deepEqual(readdirSync(directory), ['whole']);
});
