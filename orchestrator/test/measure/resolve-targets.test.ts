import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { type Resolver, resolveTargets } from '#src/measure/resolve-targets.js';

const listening = (...addresses: readonly string[]): Resolver => ({
  addressesOf: async (host) => {
    if (host === 'nowhere') throw new Error('ENOTFOUND');
    return ['::1', '127.0.0.1'];
  },
  accepts: async (address) => addresses.includes(address),
});
const one = async (url: string, resolver: Resolver) => (await resolveTargets([{ name: 'gw', url }], resolver))[0];

test('a name is looked up once: the first address that accepts a connection is used by every part', async () => {
  assert.equal((await one('http://localhost:8081', listening('::1')))?.url, 'http://[::1]:8081');
  assert.equal((await one('http://localhost:8081', listening('127.0.0.1')))?.url, 'http://127.0.0.1:8081');
  assert.equal(
    (await one('http://localhost:8081/v2', listening()))?.url,
    'http://[::1]:8081/v2',
    'none does: the first',
  );
});

test('a name other than localhost stays in the Host header, and an address stays as it is', async () => {
  assert.deepEqual(await one('http://gw.test:8081', listening('127.0.0.1')), {
    name: 'gw',
    url: 'http://127.0.0.1:8081',
    headers: { host: 'gw.test:8081' },
  });
  const target = { name: 'gw', url: 'http://[::1]:8081' };
  assert.deepEqual(await resolveTargets([target], listening()), [target]);
});

test('a name without an address is refused with the option', async () => {
  await assert.rejects(one('http://nowhere:1', listening()), {
    code: 'unknown-host',
    exitCode: 2,
    message: /^--target gw=http:\/\/nowhere:1: no address is known for nowhere/,
  });
});

test('localhost is where the server is', async (t) => {
  const server = createServer((_, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const [resolved] = await resolveTargets([{ name: 'gw', url: `http://localhost:${port}` }]);
  assert.equal(resolved?.url, `http://127.0.0.1:${port}`);
});
