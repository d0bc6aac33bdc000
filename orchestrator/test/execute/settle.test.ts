import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BenchError } from '#src/errors.js';
import { settle } from '#src/execute/settle.js';
import { startProvider } from '../support/provider.js';

test('an interruption while a backlog is waited for is thrown as what it is', async () => {
  const provider = await startProvider();
  const abort = new AbortController();
  const reason = new BenchError({ code: 'interrupted', message: 'interrupted' });
  const settling = settle(provider, abort.signal);
  abort.abort(reason);
  await assert.rejects(settling, (thrown) => thrown === reason);
  await provider.close();
});
