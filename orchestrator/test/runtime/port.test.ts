import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { test } from 'node:test';
import { isPortInUse, portInUse } from '#src/runtime/port.js';
import { freePort } from '../support/free-port.js';

test('a port is in use while somebody listens there, on whichever address', async () => {
  for (const host of ['127.0.0.1', '127.0.0.2', '0.0.0.0']) {
    const port = await freePort();
    const server = createServer().listen(port, host);
    await once(server, 'listening');
    assert.equal(await isPortInUse(port), true, host);
    server.close();
    await once(server, 'close');
    assert.equal(await isPortInUse(port), false, host);
  }
});

test('a port is in use while a connection goes out from it', async (t) => {
  const server = createServer().listen(await freePort(), '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  assert.equal(await isPortInUse(socket.localPort ?? 0), true);
});

test('where a port is in use is said', async () => {
  const port = await freePort();
  assert.equal(await portInUse(port), null);
  for (const [host, where] of [
    ['127.0.0.1', '127.0.0.1'],
    ['0.0.0.0', '127.0.0.1'],
    ['127.0.0.2', 'another address of this host'],
  ] as const) {
    const server = createServer().listen(port, host);
    await once(server, 'listening');
    assert.equal(await portInUse(port), `port ${port} is in use on ${where}`);
    server.close();
    await once(server, 'close');
  }
});
