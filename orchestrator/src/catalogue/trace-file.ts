import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { Gunzip } from 'fflate';
import { messageOf, usageError } from '../errors.js';

const CHUNK_BYTES = 1 << 20;
/** Of a compressed file so much is unpacked at a time: it may become a thousand times as much. */
const GZIP_CHUNK_BYTES = 1 << 14;
/** No row of a trace is longer; a file without line breaks would otherwise fill the memory. */
const MAX_LINE = 1 << 20;

/** The lines of a file and, after the last of them, the hash of its bytes; the file is never held as a whole. */
export interface TraceFile {
  readonly lines: Iterable<string>;
  /** SHA-256 of the file as it lies there, packed or not, in hexadecimal. To be asked for when all lines were read. */
  readonly sha256: () => string;
}

/**
 * Opens a trace, plain or packed by gzip, and tells from its first bytes whether it is text that can be read.
 * @throws BenchError `trace-unreadable` that names what the file is and how to make a trace of it; also while the lines are read
 */
export function openTraceFile(path: string): TraceFile {
  const hash = createHash('sha256');
  let digest: string | null = null;
  return {
    lines: linesOf(path, unpacked(path, chunksOf(path, hash))),
    sha256: () => (digest ??= hash.digest('hex')),
  };
}

function* chunksOf(path: string, hash: ReturnType<typeof createHash>): Generator<Uint8Array> {
  const file = open(path);
  try {
    for (;;) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      const length = readSync(file, chunk);
      if (length === 0) return;
      hash.update(chunk.subarray(0, length));
      yield chunk.subarray(0, length);
    }
  } finally {
    closeSync(file);
  }
}

function open(path: string): number {
  try {
    const stat = statSync(path);
    // A pipe would be waited for and a device read for ever; and a run that goes on later reads the file again.
    if (!stat.isFile()) {
      const kind = stat.isDirectory() ? 'a folder' : stat.isFIFO() ? 'a pipe' : 'a device';
      throw unreadable(path, `is ${kind}`, 'Write it into a file first, and give that.');
    }
    return openSync(path, 'r');
  } catch (cause) {
    if (cause instanceof Error && 'hint' in cause) throw cause;
    throw usageError(
      'trace-unreadable',
      `--trace ${path} cannot be read: ${messageOf(cause)}.`,
      'Give a CSV file, or JSON lines.',
    );
  }
}

function* unpacked(path: string, chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  let gunzip: ((chunk: Uint8Array, isLast: boolean) => Uint8Array[]) | null = null;
  let isFirst = true;
  for (const chunk of chunks) {
    if (isFirst && chunk[0] === 0x1f && chunk[1] === 0x8b) gunzip = gunzipper(path);
    isFirst = false;
    if (gunzip === null) yield chunk;
    else
      for (let at = 0; at < chunk.length; at += GZIP_CHUNK_BYTES)
        yield* gunzip(chunk.subarray(at, at + GZIP_CHUNK_BYTES), false);
  }
  if (gunzip !== null) yield* gunzip(new Uint8Array(0), true);
}

/** Node's own gunzip either waits for an event loop or holds the whole file. */
function gunzipper(path: string): (chunk: Uint8Array, isLast: boolean) => Uint8Array[] {
  const out: Uint8Array[] = [];
  const stream = new Gunzip((data) => {
    if (data.length > 0) out.push(data);
  });
  return (chunk, isLast) => {
    try {
      stream.push(chunk, isLast);
    } catch (cause) {
      throw unreadable(path, `is no whole gzip file (${messageOf(cause)})`, 'Fetch it again.');
    }
    return out.splice(0);
  };
}

function* linesOf(path: string, chunks: Iterable<Uint8Array>): Generator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  let isFirst = true;
  for (const chunk of chunks) {
    if (isFirst) refuseOthers(path, chunk);
    isFirst = false;
    const text = rest + decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      yield text.slice(start, text[end - 1] === '\r' && end > start ? end - 1 : end);
      start = end + 1;
    }
    rest = text.slice(start);
    if (rest.length > MAX_LINE)
      throw unreadable(path, `has a line of more than ${MAX_LINE / 2 ** 20} MB`, 'A trace has one request a line.');
  }
  rest += decoder.decode();
  if (rest !== '') yield rest.replace(/\r$/, '');
}

/** Files that people have, by their first bytes, and how a trace is made of them. */
const OTHERS: readonly { readonly begins: string; readonly what: string; readonly hint: string }[] = [
  {
    begins: 'version https://git-lfs',
    what: 'a Git LFS pointer, not the file itself',
    hint: 'Fetch it: git lfs pull.',
  },
  { begins: 'PAR1', what: 'a Parquet file', hint: `Make a CSV file of it: duckdb -c "COPY 'FILE' TO 'trace.csv'".` },
  { begins: 'PK\x03\x04', what: 'a zip archive', hint: 'Unpack it: unzip FILE. A spreadsheet: save it as CSV.' },
  { begins: '\x28\xb5\x2f\xfd', what: 'packed by zstd', hint: 'Unpack it: zstd -d FILE.' },
  { begins: '\xfd7zXZ', what: 'packed by xz', hint: 'Unpack it: xz -d FILE.' },
  { begins: 'BZh', what: 'packed by bzip2', hint: 'Unpack it: bunzip2 FILE.' },
  { begins: '\xff\xfe', what: 'text in UTF-16', hint: 'Make it UTF-8: iconv -f UTF-16 -t UTF-8 FILE > trace.csv.' },
  { begins: '\xfe\xff', what: 'text in UTF-16', hint: 'Make it UTF-8: iconv -f UTF-16 -t UTF-8 FILE > trace.csv.' },
  { begins: '<', what: 'a web page', hint: 'Fetch the file itself, in its raw form.' },
  { begins: '[', what: 'a JSON array', hint: "Make JSON lines of it: jq -c '.[]' FILE > trace.jsonl." },
];

function refuseOthers(path: string, chunk: Uint8Array): void {
  const head = String.fromCharCode(...chunk.subarray(0, 512)).replace(/^\xef\xbb\xbf/, '');
  const other = OTHERS.find(({ begins }) => head.trimStart().startsWith(begins));
  if (other !== undefined) throw unreadable(path, `is ${other.what}`, other.hint.replace('FILE', path));
  if (!head.includes('\0')) return;
  const isWide = /^(?:[^\0]\0){2}|^(?:\0[^\0]){2}/.test(head);
  throw isWide
    ? unreadable(path, 'is text in UTF-16', `Make it UTF-8: iconv -f UTF-16 -t UTF-8 ${path} > trace.csv.`)
    : unreadable(path, 'is no text', 'Give a CSV file, or JSON lines.');
}

function unreadable(path: string, what: string, hint: string): Error {
  return usageError('trace-unreadable', `--trace ${path} ${what}.`, hint);
}
