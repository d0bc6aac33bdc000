import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';

/** The middle and the tail of what a probe saw, microseconds. */
export interface ProbeResult {
  readonly p50Us: number;
  readonly p99Us: number;
}

const SLEEPS = 300;
const ROUND_TRIPS = 2000;
const ROUND_TRIPS_TO_WARM = 500;

/** How much longer than 1 ms a thread sleeps that asked for 1 ms: what a load driver has to work against. Blocks its thread. */
export function probeSleep(): ProbeResult {
  const nobodyWakes = new Int32Array(new SharedArrayBuffer(4));
  return resultOf(
    Array.from({ length: SLEEPS }, () => {
      const before = performance.now();
      Atomics.wait(nobodyWakes, 0, 0, 1);
      return (performance.now() - before - 1) * 1000;
    }),
  );
}

/**
 * How long one byte takes to another socket of this process and back over 127.0.0.1: what no gateway on this machine can be
 * quicker than, at one hop.
 */
export async function probeLoopback(): Promise<ProbeResult> {
  const server = createServer({ noDelay: true }, (socket) => socket.on('data', (bytes) => socket.write(bytes)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = createConnection({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, noDelay: true });
  try {
    await once(client, 'connect');
    const times: number[] = [];
    for (let i = 0; i < ROUND_TRIPS_TO_WARM + ROUND_TRIPS; i += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after another is what is measured
      const time = await roundTrip(client);
      if (i >= ROUND_TRIPS_TO_WARM) times.push(time);
    }
    return resultOf(times);
  } finally {
    client.destroy();
    server.close();
  }
}

async function roundTrip(client: Socket): Promise<number> {
  const before = performance.now();
  return new Promise((resolve, reject) => {
    client.once('error', reject);
    client.once('data', () => {
      client.off('error', reject);
      resolve((performance.now() - before) * 1000);
    });
    client.write('.');
  });
}

function resultOf(times: readonly number[]): ProbeResult {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (p: number): number => Math.round((sorted[Math.ceil(p * sorted.length) - 1] ?? 0) * 10) / 10;
  return { p50Us: at(0.5), p99Us: at(0.99) };
}
