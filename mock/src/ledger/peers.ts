import { connectionPeer } from '../wire/connection-number.js';
import { CONNECTION_AT, RECORD_BYTES } from './layout.js';

/**
 * How many requests of a worker's records came from which address, counted when it is asked for and not on the way of a request.
 * @param records of this worker
 */
export function requestsByPeer(records: Buffer): Record<string, number> {
  const ofConnection = new Map<number, number>();
  for (let at = CONNECTION_AT; at < records.length; at += RECORD_BYTES) {
    const connection = records.readUInt32LE(at);
    ofConnection.set(connection, (ofConnection.get(connection) ?? 0) + 1);
  }
  const peers: Record<string, number> = {};
  for (const [connection, requests] of ofConnection) {
    const peer = connectionPeer(connection);
    peers[peer] = (peers[peer] ?? 0) + requests;
  }
  return peers;
}

/** Of several workers together. */
export function allPeers(ofWorkers: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const peers: Record<string, number> = {};
  for (const one of ofWorkers)
    for (const [peer, requests] of Object.entries(one)) peers[peer] = (peers[peer] ?? 0) + requests;
  return peers;
}
