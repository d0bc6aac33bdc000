import { createServer } from 'node:net';
import { parentPort } from 'node:worker_threads';

/** Sends back what it gets, on a free port of this host that it tells its parent. */
const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.pipe(socket);
});
server.listen(0, '127.0.0.1', () => parentPort?.postMessage(server.address()));
