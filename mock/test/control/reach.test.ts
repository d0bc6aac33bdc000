import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { describe, it } from 'node:test';
import { startMock } from '../support/started-mock.js';

const outside = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.internal === false && address.family === 'IPv4')?.address;
const skip = outside === undefined ? 'this machine has no address but loopback' : false;

async function statusOf(host: string, url: string): Promise<number> {
  const { port } = new URL(url);
  return (await fetch(`http://${host}:${port}/__bench/health`)).status;
}

describe('/__bench/', { skip }, () => {
  it('answers on loopback only', async () => {
    const mock = await startMock('--host', '0.0.0.0');
    assert.deepEqual([await statusOf('127.0.0.1', mock.url), await statusOf(outside as string, mock.url)], [200, 403]);
    await mock.stop();
  });

  it('answers everywhere when told to', async () => {
    const mock = await startMock('--host', '0.0.0.0', '--control', 'any');
    assert.equal(await statusOf(outside as string, mock.url), 200);
    await mock.stop();
  });
});
