import { writeSync } from 'node:fs';
import type { Socket } from 'node:net';

/** What of node:net's inside is used: the descriptor, while the connection is open. Not public, hence looked at before it is used. */
interface Innards {
  readonly _handle: { readonly fd?: unknown } | null;
}

/** The socket's descriptor, -1 where it has none that can be written to. */
export function descriptorOf(socket: Socket): number {
  const fd = (socket as unknown as Innards)._handle?.fd;
  return typeof fd === 'number' && process.platform !== 'win32' ? fd : -1;
}

/**
 * Hands bytes to the kernel at once, past the stream: one system call, nothing allocated, nothing to be told afterwards.
 * @param descriptor the socket's, kept because asking for it costs a tenth of the write; not used any more once the socket is destroyed,
 *   since another connection may have it then
 * @returns how many bytes were taken; 0 as well where there is no descriptor or the connection is broken, which the stream then finds
 */
export function writeDirect(socket: Socket, descriptor: number, bytes: Buffer): number {
  if (descriptor < 0 || socket.destroyed) return 0;
  try {
    return writeSync(descriptor, bytes, 0, bytes.length);
  } catch {
    return 0;
  }
}
