import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { Agent, request } from 'undici';
import { withControlToken } from '#src/own-requests.js';

test('the token goes to the control endpoints and to nothing else', async () => {
  const seen: (readonly [string, unknown, unknown])[] = [];
  const server = createServer(({ url = '', headers }, response) => {
    seen.push([url, headers['x-bench-token'], headers['x-mine']]);
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new Agent();
  const dispatcher = agent.compose(withControlToken('the-token'));
  for (const path of ['/__bench/health', '/v1/models', '/v1/__bench/'])
    await (await request(`http://127.0.0.1:${port}${path}`, { dispatcher, headers: { 'x-mine': 'yes' } })).body.dump();
  await agent.close();
  server.close();
  assert.deepEqual(seen, [
    ['/__bench/health', 'the-token', 'yes'],
    ['/v1/models', undefined, 'yes'],
    ['/v1/__bench/', undefined, 'yes'],
  ]);
});
