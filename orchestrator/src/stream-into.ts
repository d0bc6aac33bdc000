import { open } from 'node:fs/promises';
import type { Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * Streams into a file, which is new or begun anew. It is opened before anything can end: a stream that opens its file by itself may do so
 * after its pipeline was given up, and then a file is there where nobody looks for one.
 * @throws what any of the streams throws, or the disk; what was written until then stays
 */
export async function streamInto(path: string, source: Readable, ...through: readonly Duplex[]): Promise<void> {
  try {
    const file = await open(path, 'w');
    await pipeline([source, ...through, file.createWriteStream()]);
  } finally {
    source.destroy();
  }
}
