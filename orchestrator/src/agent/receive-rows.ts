import { createHash } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Transform } from 'node:stream';
import { streamInto } from '../stream-into.js';

/**
 * Writes a body to a file, a piece at a time. The file is there only when all of it has come and its checksum is the one that was promised;
 * else nothing is left of it.
 * @param onPiece told of each piece
 * @returns what is wrong with it; null: nothing
 * @throws where the connection ends within it, or the disk does
 */
export async function receiveRows(
  request: IncomingMessage,
  path: string,
  sha256: string,
  onPiece: () => void,
): Promise<string | null> {
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = new Transform({
    transform(piece: Buffer, _encoding, done) {
      hash.update(piece);
      bytes += piece.length;
      onPiece();
      done(null, piece);
    },
  });
  const part = `${path}.part`;
  try {
    await streamInto(part, request, counted);
    const came = hash.digest('hex');
    if (came !== sha256) return `${bytes} bytes came with SHA-256 ${came}, and ${sha256 || 'none'} was promised`;
    await rename(part, path);
    return null;
  } finally {
    await rm(part, { force: true });
  }
}
