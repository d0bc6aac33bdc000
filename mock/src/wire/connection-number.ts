import type { Socket } from 'node:net';

const numbers = new WeakMap<Socket, number>();
/** Of each connection where it came from, at its number less one; equal addresses are one string. */
const peers: string[] = [];
const addresses = new Map<string, string>();

/** The number of a connection among those of this worker that brought a request with an id, from 1. */
export function connectionNumber(socket: Socket): number {
  const known = numbers.get(socket);
  if (known !== undefined) return known;
  const address = socket.remoteAddress ?? 'unknown';
  if (!addresses.has(address)) addresses.set(address, address);
  const number = peers.push(addresses.get(address) as string);
  numbers.set(socket, number);
  return number;
}

/** The address from which a connection of that number came; an IPv4 address as such, also where the listener is of IPv6. */
export function connectionPeer(number: number): string {
  return (peers[number - 1] ?? 'unknown').replace(/^::ffff:/, '');
}
