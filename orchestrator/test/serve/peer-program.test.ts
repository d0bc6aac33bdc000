import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { platform } from 'node:os';
import { test } from 'node:test';
import { peerProgram } from '#src/serve/peer-program.js';

test('names the program of this machine at the other end, and nobody where there is none', {
  skip: platform() === 'linux' ? false : 'the kernel shows it on Linux alone',
}, async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  // Both ends are this process: its name is that of its main thread.
  assert.match(peerProgram(socket.localPort ?? 0) ?? '', /node|MainThread/);
  const port = socket.localPort ?? 0;
  socket.destroy();
  server.close();
  assert.equal(peerProgram(port, '/nonexistent'), null);
});
