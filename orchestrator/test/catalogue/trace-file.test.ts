import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readTrace } from '#src/catalogue/trace.js';
import { openTraceFile } from '#src/catalogue/trace-file.js';

const TRACE = 'time_s,prompt_tokens,output_tokens\r\n0,1,1\n1,ü,1\n2,1,1';
const directory = mkdtempSync(join(tmpdir(), 'trace-'));

function fileOf(content: string | Uint8Array): string {
  const path = join(directory, `${createHash('sha256').update(content).digest('hex').slice(0, 12)}.csv`);
  writeFileSync(path, content);
  return path;
}

test('lines come one by one, plain or packed, in several parts too, and the hash is of the file as it lies there', () => {
  const packed = gzipSync(TRACE);
  const inParts = Buffer.concat([gzipSync(TRACE.slice(0, 10)), gzipSync(TRACE.slice(10))]);
  for (const content of [TRACE, packed, inParts]) {
    const file = openTraceFile(fileOf(content));
    assert.deepEqual([...file.lines], TRACE.split(/\r?\n/));
    assert.equal(file.sha256(), createHash('sha256').update(content).digest('hex'));
  }
});

test('a character that lies across two reads is whole', () => {
  const text = `${'x'.repeat(2 ** 20 - 5)}\nabcüd\n`;
  assert.equal([...openTraceFile(fileOf(text)).lines].at(-1), 'abcüd');
});

const WIDE = Buffer.from(TRACE, 'utf16le');
const OTHERS: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
  ['a Parquet file', 'PAR1\x15\x04', /is a Parquet file/],
  ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:1\n', /is a Git LFS pointer/],
  ['UTF-16 with a mark', Buffer.concat([Buffer.from([0xff, 0xfe]), WIDE]), /is text in UTF-16/],
  ['UTF-16 without one', WIDE, /is text in UTF-16/],
  ['a JSON array', '[{"timestamp":1}]', /is a JSON array/],
  ['a web page', '\n<!DOCTYPE html>', /is a web page/],
  ['zstd', new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 1]), /is packed by zstd/],
  ['a zip archive', 'PK\x03\x04', /is a zip archive/],
  ['a program', '\x7fELF\0\0\0\x01', /is no text/],
  ['half a gzip file', gzipSync(TRACE.repeat(50)).subarray(0, 40), /is no whole gzip file/],
  ['a packed Parquet file', gzipSync('PAR1\x15\x04'), /is a Parquet file/],
  ['a line without end', 'x'.repeat(3 * 2 ** 20), /has a line of more than 1 MB/],
];
for (const [what, content, message] of OTHERS) {
  test(`${what} is refused by its name, with the way to mend it`, () => {
    assert.throws(() => readTrace(fileOf(content)), { code: 'trace-unreadable', exitCode: 2, message, hint: /./ });
  });
}

test('a folder, a pipe and a device are not waited for', () => {
  const pipe = join(directory, 'pipe');
  execFileSync('sh', ['-c', 'mkfifo "$0"', pipe]);
  for (const path of [directory, pipe, '/dev/zero', join(directory, 'none')]) {
    assert.throws(() => readTrace(path), { code: 'trace-unreadable', exitCode: 2 }, path);
  }
});
