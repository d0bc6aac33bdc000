import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { fetchLedger, type LedgerAnswer } from '#src/resources/mock-ledger.js';

async function fetched(listener: RequestListener, timeoutMs?: number): Promise<LedgerAnswer> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    return await fetchLedger(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, timeoutMs);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const refusing = (status: number, body: string) =>
  fetched((_request, response) => void response.writeHead(status).end(body));

describe('fetchLedger', () => {
  it('gives the bytes of an answer', async () => {
    const answer = await fetched((_request, response) => void response.end('ledger'));
    assert.deepEqual(answer, { bytes: new Uint8Array(Buffer.from('ledger')) });
  });

  it('says with which status, and in which words, a mock gave none', async () => {
    const body = JSON.stringify({ error: { message: 'one worker of 2 did not report', type: 'server_error' } });
    assert.deepEqual(await refusing(503, body), { problem: 'status 503: one worker of 2 did not report' });
    assert.deepEqual(await refusing(404, 'not found'), { problem: 'status 404: not found' });
    assert.deepEqual(await refusing(404, ''), { problem: 'status 404' });
  });

  it('tells a mock that does not answer in time from one that keeps no ledger', async () => {
    const answer = await fetched(() => {}, 50);
    assert.match('problem' in answer ? answer.problem : '', /Timeout/);
  });
});
