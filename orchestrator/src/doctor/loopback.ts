import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { Worker } from 'node:worker_threads';
import { monotonicUs } from '../load/native/clock.js';
import { type Spread, spreadOf } from './timers.js';

const ROUNDS = 2000;
const WARM_UP = 200;

/** What a byte takes there and back over TCP on this host's loopback, to another thread: the floor below every latency here. */
export async function measureLoopback(): Promise<Spread> {
  const worker = new Worker(new URL('./echo-worker.js', import.meta.url));
  try {
    const [address] = (await once(worker, 'message')) as [AddressInfo];
    const socket = connect({ host: address.address, port: address.port, noDelay: true });
    await once(socket, 'connect');
    const tookUs: number[] = [];
    for (let i = 0; i < WARM_UP + ROUNDS; i += 1) {
      const sentUs = monotonicUs();
      socket.write('x');
      await once(socket, 'data');
      if (i >= WARM_UP) tookUs.push(monotonicUs() - sentUs);
    }
    socket.destroy();
    return spreadOf(tookUs);
  } finally {
    await worker.terminate();
  }
}
