import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { ledgerRecords } from '#src/ledger/export.js';
import { MockServer } from '#src/request/server.js';
import { toHostUs } from '#src/timing/clock.js';
import { readEvents, readInto } from '#src/wire/accept.js';
import { serviceOf } from '../support/in-process.js';

/** A listener whose end of the connection and ledger can be looked at. */
async function start(t: TestContext, read: typeof readInto) {
  const { service, ledger, maxBodyBytes } = serviceOf();
  const reads = { count: 0 };
  const sockets: Socket[] = [];
  const server = new MockServer(service, maxBodyBytes, (accepted, handler) => {
    const socket = read(accepted, (bytes, length) => {
      const more = handler(bytes, length);
      reads.count++;
      return more;
    });
    sockets.push(socket);
    return socket;
  });
  t.after(() => server.destroy());
  server.listener.listen(0, '127.0.0.1');
  await once(server.listener, 'listening');
  const client = connect({ port: (server.listener.address() as AddressInfo).port, host: '127.0.0.1', noDelay: true });
  t.after(() => client.destroy());
  await once(client, 'connect');
  while (sockets.length === 0) await new Promise(setImmediate);
  return { client, server: sockets[0] as Socket, reads, ledger };
}

function post(path: string, body: string, more = ''): string {
  return `POST ${path} HTTP/1.1\r\nHost: a\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;
}

const EMBEDDINGS = post('/v1/embeddings', '{"model":"bench-embed","input":"x"}');
/** Of one answer to it, in bytes; generous. */
const ANSWER_BYTES = 64 * 1024;

for (const [way, read] of [
  ['into memory of ours', readInto],
  ['through events', readEvents],
] as const) {
  describe(`a connection read ${way}`, () => {
    it('makes a peer wait that sends requests and reads no answers, and goes on when it reads', async (t) => {
      const { client, server } = await start(t, read);
      const requests = 2000;
      client.pause();
      client.write(EMBEDDINGS.repeat(requests));
      // Until the kernel takes no more and nothing moves.
      let [most, before] = [0, -1];
      for (let still = 0; still < 50; ) {
        await new Promise((resolve) => setTimeout(resolve, 2));
        most = Math.max(most, server.writableLength);
        still = server.bytesWritten === before && server.writableNeedDrain ? still + 1 : 0;
        before = server.bytesWritten;
      }
      assert.ok(
        most <= server.writableHighWaterMark + ANSWER_BYTES,
        `${most} bytes wait for a peer that does not read`,
      );

      // The test ends when every request has been answered.
      await new Promise<void>((resolve) => {
        let heads = 0;
        let rest = '';
        client.on('data', (bytes: Buffer) => {
          const text = rest + bytes.toString('latin1');
          heads += text.split('HTTP/1.1 200 OK').length - 1;
          rest = text.slice(-14);
          if (heads === requests) resolve();
        });
        client.resume();
      });
    });

    it('knows when the first byte of a request came, in however many pieces', async (t) => {
      const { client, reads, ledger } = await start(t, read);
      const request = post(
        '/v1/chat/completions',
        '{"model":"bench-chat","messages":[{"role":"user"}]}',
        'X-Bench: id=a\r\n',
      );
      let afterFirstMs = 0;
      for (let at = 0; at < 50; at += 10) {
        const { count } = reads;
        client.write(request.slice(at, at + 10));
        while (reads.count === count) await new Promise(setImmediate);
        afterFirstMs ||= performance.now();
      }
      client.write(request.slice(50));
      await once(client, 'data');
      const [record] = ledgerRecords([ledger.records()], { faults: [], providers: [], phases: [] });
      assert.ok(record !== undefined && record.arrivedFirstUs <= toHostUs(afterFirstMs) + 0.1);
      assert.ok(record.arrivedLastUs > toHostUs(afterFirstMs));
    });
  });
}
