import type { Socket } from 'node:net';

const numbers = new WeakMap<Socket, number>();
let last = 0;

/** The number of a connection among those of this worker that brought a request with an id, from 1. */
export function connectionNumber(socket: Socket): number {
  const known = numbers.get(socket);
  if (known !== undefined) return known;
  last += 1;
  numbers.set(socket, last);
  return last;
}
