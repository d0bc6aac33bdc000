import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cacheAccount } from '#src/execute/cache-account.js';
import type { MockHealth } from '#src/record/mock-gate.js';
import { loadRecord } from '../support/fake-runtime.js';

const health = (requests: number) => ({ requests }) as unknown as MockHealth;
const load = loadRecord(100, { ok: 1000 });

test('a cache that answers lets next to nothing through to the mock', () => {
  assert.equal(cacheAccount(load, health(10)).fault, null);
  assert.equal(cacheAccount(load, health(11)).fault?.code, 'cache-missed');
  assert.deepEqual(cacheAccount(load, health(0)).note.evidence, { ok: 1000, reached: 0, limit: 10 });
});

test('where the mock cannot be asked nobody is accused', () => {
  const { fault, note } = cacheAccount(load, null);
  assert.equal(fault, null);
  assert.match(note.message, /an unknown number/);
});
