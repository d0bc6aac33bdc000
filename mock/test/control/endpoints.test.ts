import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { benchControl } from '#src/control/endpoints.js';
import { ApiFailure } from '#src/api/endpoint.js';
import { firstSettings } from '#src/control/current.js';
import { Counters, LoopWatch } from '#src/health/counters.js';
import { Ledger } from '#src/ledger/ledger.js';
import type { Answered } from '#src/control/messages.js';
import type { Reply } from '#src/wire/reply.js';

const WORKERS = 3;

/** Answers for these workers only. */
function control(...reporting: number[]) {
  const answered: Answered = {
    reports: reporting.map((worker) => {
      const ledger = new Ledger(4, worker, 0);
      ledger.begin(`of-${worker}`, 1, undefined, 1, 0);
      const health = new LoopWatch().health([new Counters()], 0);
      return { worker, pid: 1, health, dropped: 0, providers: [], records: ledger.records(), peers: { '10.0.0.1': 1 } };
    }),
    workers: WORKERS,
    restarts: { total: 0, window: 0 },
    current: firstSettings({ settings: {}, providers: {} }, undefined, 0),
  };
  const handler = benchControl(() => Promise.resolve(answered), {
    reach: 'loopback',
    workers: WORKERS,
    names: ['mock'],
    keepsPort: false,
  });
  return (method: string, path: string, query = '', body = ''): Promise<Reply> =>
    handler({ method, path, query, header: () => undefined, body: Buffer.from(body) }, true);
}

describe('the ledger of workers that did not all report', () => {
  it('is refused in its binary form, which cannot say so', async () => {
    await assert.rejects(control(1)('GET', '/__bench/ledger', 'format=binary'), (error) => {
      assert.ok(error instanceof ApiFailure);
      assert.equal(error.error.status, 503);
      assert.match(error.error.message, /workers 0, 2 of 3 did not report in time/);
      return true;
    });
  });

  it('says in JSON how many are missing', async () => {
    const { status, body } = await control(0, 2)('GET', '/__bench/ledger');
    const ledger = JSON.parse(body.toString()) as { missingWorkers: number; records: { id: string }[] };
    assert.deepEqual([status, ledger.missingWorkers, ledger.records.length], [200, 1, 2]);
  });

  it('is given when all did', async () => {
    const { status, body } = await control(0, 1, 2)('GET', '/__bench/ledger', 'format=binary');
    assert.deepEqual([status, body.readUInt32LE(8)], [200, 3]);
  });
});

describe('from where the requests in the ledger came', () => {
  it('is given for all workers, and not for some of them', async () => {
    const { body } = await control(0, 1, 2)('GET', '/__bench/peers');
    assert.deepEqual(JSON.parse(body.toString()), { peers: { '10.0.0.1': 3 } });
    await assert.rejects(control(1)('GET', '/__bench/peers'), (error) => {
      assert.ok(error instanceof ApiFailure);
      assert.equal(error.error.status, 503);
      return true;
    });
  });
});

describe('settings', () => {
  it('with fewer slots than workers are refused, with both numbers', async () => {
    await assert.rejects(
      control(0, 1, 2)('PATCH', '/__bench/settings', '', '{"capacity":{"slots":2}}'),
      (error) =>
        error instanceof ApiFailure && error.error.status === 400 && /2 slots .* 3 workers/.test(error.message),
    );
    assert.equal((await control(0, 1, 2)('PATCH', '/__bench/settings', '', '{"capacity":{"slots":3}}')).status, 200);
  });
});
