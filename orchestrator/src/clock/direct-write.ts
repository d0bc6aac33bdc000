import { writeSync } from 'node:fs';
import type { Socket } from 'node:net';

/**
 * Writes to a socket's file descriptor, past streams and event loop, from any thread of the process: one system call, no
 * allocation. Returns the number of bytes the kernel took (less than asked when its buffer is full), -1 when the connection is gone.
 */
export function writeDirect(fd: number, bytes: Uint8Array): number {
  try {
    return writeSync(fd, bytes, 0, bytes.length);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : -1;
  }
}

/**
 * The file descriptor of a connected TCP socket, or -1 where there is none to be had (Windows, another Node). Node has no
 * public way to it; the driver works without, only less exactly, so nothing breaks should the property go.
 */
export function descriptorOf(socket: Socket): number {
  const fd = (socket as unknown as { _handle?: { fd?: unknown } })._handle?.fd;
  return typeof fd === 'number' && fd >= 0 && process.platform !== 'win32' ? fd : -1;
}
