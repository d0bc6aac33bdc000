import { type AddressInfo, createServer } from 'node:net';
import { parentPort } from 'node:worker_threads';
import { runFirst } from '../clock/thread-scheduling.js';

/** What the thread tells its parent once it listens. */
export interface EchoReady {
  readonly port: number;
  /** Whether it could be let run before others, as the load driver's threads ask to be. */
  readonly runsFirst: boolean;
}

/** Sends back what it gets, on a free port of this host. */
const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.pipe(socket);
});
server.listen(0, '127.0.0.1', () => {
  const ready: EchoReady = { port: (server.address() as AddressInfo).port, runsFirst: runFirst() };
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port between threads, not a window
  parentPort?.postMessage(ready);
});
