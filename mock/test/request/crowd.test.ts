import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { it } from 'node:test';
import { MockServer } from '#src/request/server.js';
import { serviceOf } from '../support/in-process.js';

it('resets what it has no file descriptor for, without a byte, and serves the others', async (t) => {
  let away = 0;
  const crowd = { connections: 1, turnedAway: () => void (away += 1) };
  const server = new MockServer(serviceOf().service, 1024, undefined, undefined, crowd);
  t.after(() => server.destroy());
  server.listener.listen(0, '127.0.0.1');
  await once(server.listener, 'listening');
  const { port } = server.listener.address() as AddressInfo;
  const first = connect(port, '127.0.0.1');
  first.write('GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n');
  const [answer] = (await once(first, 'data')) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1\.1 200 /);
  const second = connect(port, '127.0.0.1');
  let bytes = 0;
  second.on('data', (more: Buffer) => (bytes += more.length));
  const [error] = (await once(second, 'error')) as [NodeJS.ErrnoException];
  assert.deepEqual([error.code, bytes, away], ['ECONNRESET', 0, 1]);
  first.destroy();
});
