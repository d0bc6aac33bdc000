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

  it('answers other hosts that send the token, and loopback', async () => {
    const token = 'a-token-of-this-test';
    process.env['CRABLLM_BENCH_CONTROL_TOKEN'] = token;
    const mock = await startMock('--host', '0.0.0.0', '--control', 'token');
    delete process.env['CRABLLM_BENCH_CONTROL_TOKEN'];
    const { port } = new URL(mock.url);
    const statusWith = async (given: string): Promise<number> =>
      (await fetch(`http://${outside}:${port}/__bench/health`, { headers: { 'x-bench-token': given } })).status;
    assert.deepEqual(
      [
        await statusOf(outside as string, mock.url),
        await statusWith('a-token-of-somebody'),
        await statusWith('short'),
        await statusWith(token),
        await statusOf('127.0.0.1', mock.url),
      ],
      [403, 403, 403, 200, 200],
    );
    await mock.stop();
  });

  it('answers everywhere when told to', async () => {
    const mock = await startMock('--host', '0.0.0.0', '--control', 'any');
    assert.equal(await statusOf(outside as string, mock.url), 200);
    await mock.stop();
  });
});
