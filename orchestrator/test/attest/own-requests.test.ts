import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getGlobalDispatcher, MockAgent, setGlobalDispatcher } from 'undici';
import { attest } from '#src/attest/attest.js';
import { SCENARIOS } from '#src/catalogue/scenarios.js';
import { mockTally } from '#src/resources/mock-health.js';
import { ledgerOf } from '#src/resources/mock-ledger.js';
import { newAccount, startProvider } from '../support/provider.js';

test('our own requests do not go where the environment sends all others: a proxy', async (t) => {
  const before = getGlobalDispatcher();
  t.after(() => setGlobalDispatcher(before));
  const nowhere = new MockAgent();
  nowhere.disableNetConnect();
  setGlobalDispatcher(nowhere);
  const account = newAccount();
  const mock = await startProvider({ account });
  const asked = { url: mock.url, modelPrefix: '', headers: {} };
  const attestation = await attest(asked, asked, SCENARIOS[0] ?? assert.fail(), new AbortController().signal);
  assert.equal(attestation.state, 'passed');
  assert.ok((await mockTally(mock)) !== null);
  assert.deepEqual(await ledgerOf(mock, 'unknown'), []);
  await mock.close();
});
