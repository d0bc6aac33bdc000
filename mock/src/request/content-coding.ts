import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import * as zlib from 'node:zlib';
import { ApiFailure } from '../api/endpoint.js';

type Decompress = (
  body: Buffer,
  options: { maxOutputLength: number },
  done: (error: Error | null, result: Buffer) => void,
) => void;

/** Undoes zlib's format, which is what `deflate` means (RFC 9110, 8.4.1.2), and the bare one that some send for it. */
const inflateEither: Decompress = (body, options, done) => {
  const [method = 0, flags = 0] = body;
  const hasZlibHead = (method & 0x0f) === 8 && (method * 256 + flags) % 31 === 0;
  (hasZlibHead ? inflate : inflateRaw)(body, options, done);
};

/** Node has zstd since 22.15 and 23.8. */
const zstd = (zlib as { zstdDecompress?: Decompress }).zstdDecompress;

/** The codings that can be undone, by their names (RFC 9110, 8.4.1; RFC 8878). */
const CODINGS: ReadonlyMap<string, Decompress> = new Map<string, Decompress>([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['deflate', inflateEither],
  ['br', brotliDecompress],
  ...(zstd === undefined ? [] : [['zstd', zstd] as const]),
]);

const UNDOES = [...CODINGS.keys()].filter((name) => name !== 'x-gzip').join(', ');

/** More codings than this on top of each other are no client's doing. */
const MAX_CODINGS = 4;

/**
 * Undoes the codings of a body, the last one first.
 * @param codings the value of the header Content-Encoding
 * @param maxBytes most bytes that the body may have between and behind them; more are never held
 * @throws {ApiFailure} 415 for a coding that is not known, 413 for a body that grows too large, 400 for one that is not in its coding
 */
export async function decoded(body: Buffer, codings: string, maxBytes: number): Promise<Buffer> {
  const names = codings.split(',').map((name) => name.trim().toLowerCase());
  const applied = names.filter((name) => name !== '' && name !== 'identity');
  const unknown = applied.find((name) => !CODINGS.has(name));
  if (unknown !== undefined) throw unsupported(`Unsupported content encoding: '${unknown}'${hint(unknown)}.`);
  if (applied.length > MAX_CODINGS) {
    throw unsupported(`Unsupported content encoding: ${applied.length} codings, of at most ${MAX_CODINGS}.`);
  }
  let plain = body;
  for (const name of applied.reverse()) {
    if (plain.length > 0) plain = await undone(plain, name, CODINGS.get(name) as Decompress, maxBytes);
  }
  return plain;
}

function undone(body: Buffer, name: string, undo: Decompress, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    undo(body, { maxOutputLength: maxBytes }, (error, result) => {
      if (error === null) resolve(result);
      else if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
        const message = `The body of your request is larger than ${maxBytes} bytes once its content encoding '${name}' is undone.`;
        reject(new ApiFailure({ status: 413, message }));
      } else {
        const message = `The body of your request is not encoded as its Content-Encoding says: '${name}' cannot be undone (${error.message}).`;
        reject(new ApiFailure({ status: 400, message }));
      }
    });
  });
}

function unsupported(message: string): ApiFailure {
  return new ApiFailure({
    status: 415,
    message: `${message} This API undoes ${UNDOES}.`,
    headers: [['Accept-Encoding', UNDOES]],
  });
}

function hint(name: string): string {
  return name === 'zstd' ? ` (Node ${process.versions.node} has none; 22.15 has)` : '';
}
