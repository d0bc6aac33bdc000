import { once } from 'node:events';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';
import { programFile } from '../installation.js';
import { monotonicUs } from '../clock/clock.js';
import type { EchoReady } from './echo-worker.js';
import { type Spread, spreadOf } from './timers.js';

const ROUNDS = 2000;
const WARM_UP = 200;

/**
 * What a byte takes there and back over TCP on this host's loopback, to another thread: the floor below every latency here; and
 * whether that thread could be let run first, which only a thread that is not the main one may try: programs started later would inherit it.
 */
export async function measureLoopback(): Promise<{ readonly roundTrip: Spread; readonly mayRunFirst: boolean }> {
  const worker = new Worker(programFile('doctor/echo-worker.js'));
  try {
    const [{ port, runsFirst }] = (await once(worker, 'message')) as [EchoReady];
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    await once(socket, 'connect');
    const tookUs: number[] = [];
    for (let i = 0; i < WARM_UP + ROUNDS; i += 1) {
      const sentUs = monotonicUs();
      socket.write('x');
      await once(socket, 'data');
      if (i >= WARM_UP) tookUs.push(monotonicUs() - sentUs);
    }
    socket.destroy();
    return { roundTrip: spreadOf(tookUs), mayRunFirst: runsFirst };
  } finally {
    await worker.terminate();
  }
}
