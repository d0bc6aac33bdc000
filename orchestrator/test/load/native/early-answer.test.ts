import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { it } from 'node:test';
import { ID_PLACEHOLDER } from '#src/catalogue/marker.js';
import { createNativeDriver } from '#src/load/native/driver.js';
import { plain } from './scripted-server.js';

/** More than the kernel takes from one side while the other reads nothing. */
const BODY_BYTES = 16 * 1024 * 1024;

/** Answers the first request of each connection as soon as it begins, says that the connection is kept, and reads no further. */
async function hastyServer(): Promise<{ readonly port: number; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('data', () => {
      socket.pause();
      socket.write(plain('{"error":{"message":"too large"}}', 413));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, close };
}

for (const pacing of ['wait', 'spin'] as const) {
  it(`sends nothing behind a request that was answered before it was sent whole (${pacing})`, async () => {
    const server = await hastyServer();
    const driver = createNativeDriver({ pacing });
    const content = `[[bench id=${ID_PLACEHOLDER}]]${'x'.repeat(BODY_BYTES)}`;
    const load = {
      url: `http://127.0.0.1:${server.port}/v1/chat/completions`,
      headers: {},
      body: JSON.stringify({ messages: [{ role: 'user', content }] }),
      streaming: false,
      level: { kind: 'rps', value: 20 },
      warmupMs: 100,
      measureMs: 400,
      timeoutMs: 3000,
      expectedLatencyMs: 0,
      seed: 1,
      expected: null,
    } as const;
    const { record } = await driver.run(load, new AbortController().signal);
    await driver.close();
    server.close();
    assert.deepEqual([record.errors, record.statuses], [{ status: record.scheduled }, { 413: record.scheduled }]);
  });
}
