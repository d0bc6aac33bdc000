import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { mergeRefusals, Refusals } from '#src/health/refusals.js';
import { type InProcess, startFast } from '../support/in-process.js';

describe('what was asked in vain', () => {
  let mock: InProcess;
  before(async () => (mock = await startFast()));
  after(() => mock.stop());

  it('is counted by method, path and status, and a fault that was asked for is not among it', async () => {
    const url = `http://127.0.0.1:${mock.port}`;
    const ask = async (path: string, init: RequestInit = {}) => (await fetch(url + path, init)).text();
    const post = (body: string) => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body });
    for (let i = 0; i < 3; i++) await ask('/not/there');
    await ask('/v1/chat/completions', post('{'));
    await ask(
      '/v1/chat/completions',
      post('{"model":"bench-chat","messages":[{"role":"user","content":"[[bench fault=error:500]]"}]}'),
    );
    await ask('/v1/models');
    const { refusals } = mock.counters;
    assert.deepEqual(refusals.list(), [
      { method: 'GET', path: '/not/there', status: 404, count: 3 },
      { method: 'POST', path: '/v1/chat/completions', status: 400, count: 1 },
    ]);
  });

  it('is kept in a bounded memory, and added up over workers', () => {
    const scanned = new Refusals();
    for (let i = 0; i < 1000; i++) scanned.add('GET', `/${i}${'x'.repeat(1000)}`, 404);
    assert.ok(scanned.list().length <= 32 && scanned.list().every(({ path }) => path.length <= 120));
    const [one, two] = [new Refusals(), new Refusals()];
    one.add('GET', '/a', 404);
    two.add('GET', '/b', 404);
    two.add('GET', '/b', 404);
    two.add('GET', '/a', 404);
    two.add('GET', '/b', 405);
    assert.deepEqual(
      mergeRefusals([one.list(), two.list()]).map(({ path, status, count }) => [path, status, count]),
      [
        ['/a', 404, 2],
        ['/b', 404, 2],
        ['/b', 405, 1],
      ],
    );
  });
});
