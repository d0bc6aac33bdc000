import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { BenchError } from '#src/errors.js';
import { type PageServer, sendPage, startPageServer } from '#src/serve/page-server.js';
import { ask } from './ask.js';

describe('a server of pages', () => {
  let server: PageServer;
  const asked: string[] = [];

  before(async () => {
    server = await startPageServer(0, ({ method, path, response }) => {
      asked.push(`${method} ${path}`);
      if (path === '/fault') throw new Error('what\nwent wrong');
      sendPage(response, '<p>page</p>');
    });
  });
  after(() => server.close());

  test('listens on the loopback, behind a token of 128 bits', async () => {
    const { hostname, pathname } = new URL(server.address);
    assert.equal(hostname, '127.0.0.1');
    assert.match(pathname, /^\/[\w-]{22}\/$/);
    const { status, text, headers } = await ask(server.address);
    assert.deepEqual([status, text], [200, '<p>page</p>']);
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/);
    assert.equal((await ask(server.address, { path: pathOf(server).slice(0, -1) })).status, 308);
  });

  test('without the token, or with another, there is nothing', async () => {
    const looked = asked.length;
    const token = pathOf(server).slice(1, -1);
    const other = `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`;
    for (const path of ['/', `/${other}/`, `/${token}x/`, `/x/${token}/`, '/../', '/%00/', '/%', '//'])
      assert.equal((await ask(server.address, { path })).status, 404, path);
    assert.equal(asked.length, looked, 'nothing of that was looked at');
  });

  test('a name of somebody else that leads here (DNS rebinding) is refused, with the right token too', async () => {
    const { port } = new URL(server.address);
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1.evil.example',
      'localhost.evil.example',
      'localhost@evil.example',
    ])
      assert.equal((await ask(server.address, { headers: { host } })).status, 421, host);
    // A tunnel has a port of its own.
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, '[::1]:1', 'LOCALHOST', 'localhost:65000'])
      assert.equal((await ask(server.address, { headers: { host } })).status, 200, host);
  });

  test('a form of another page is refused, other methods are', async () => {
    const { origin } = new URL(server.address);
    const post = async (of: string) => (await ask(server.address, { method: 'POST', headers: { origin: of } })).status;
    assert.equal(await post('http://evil.example'), 403);
    assert.equal(await post('null'), 403);
    assert.equal(await post(origin), 200);
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH'])
      assert.equal((await ask(server.address, { method })).status, 405, method);
    const head = await ask(server.address, { method: 'HEAD' });
    assert.deepEqual([head.status, head.text], [200, '']);
  });

  test('a path never climbs: what reaches the page stands behind the token', async () => {
    const { status } = await ask(server.address, { path: `${pathOf(server)}run/../../../../etc/passwd` });
    assert.equal(status, 404);
    await ask(server.address, { path: `${pathOf(server)}..%2f..%2fetc%2fpasswd` });
    assert.equal(asked.at(-1), 'GET /..%2f..%2fetc%2fpasswd');
  });

  test('what goes wrong is one line', async () => {
    const { status, text } = await ask(server.address, { path: 'fault' });
    assert.deepEqual([status, text], [500, 'what went wrong\n']);
  });

  test('a port that is taken is said', async () => {
    const port = Number(new URL(server.address).port);
    await assert.rejects(
      startPageServer(port, () => {}),
      (thrown) => thrown instanceof BenchError && thrown.code === 'port-taken' && thrown.message.includes(`${port}`),
    );
  });
});

function pathOf({ address }: PageServer): string {
  return new URL(address).pathname;
}
