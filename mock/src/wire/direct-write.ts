import { writeSync } from 'node:fs';
import type { Socket } from 'node:net';

/** What of node:net's inside is used: the descriptor, while the connection is open. Not public, hence looked at before it is used. */
interface Innards {
  readonly _handle: { readonly fd?: unknown } | null;
}

/**
 * Hands bytes to the kernel at once, past the stream: one system call, nothing allocated, nothing to be told afterwards.
 * The descriptor is asked for each time, because a closed one may be another connection's by now.
 * @returns how many bytes were taken; 0 as well where there is no descriptor or the connection is broken, which the stream then finds
 */
export function writeDirect(socket: Socket, bytes: Buffer): number {
  const fd = (socket as unknown as Innards)._handle?.fd;
  if (typeof fd !== 'number' || fd < 0 || process.platform === 'win32') return 0;
  try {
    return writeSync(fd, bytes, 0, bytes.length);
  } catch {
    return 0;
  }
}
