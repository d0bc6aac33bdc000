import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foreignAnswers } from '#src/record/foreign-answers.js';
import type { LedgerRecord, LoadRecord } from '#src/record/trial.js';
import { loadRecord } from '../support/fake-runtime.js';

const LEDGER = { overwritten: 0, missing: 0 } as LedgerRecord;
const load = loadRecord(100, { ok: 990, errors: { connect: 10 } });
const seen = (ledger: LedgerRecord | null, mockRequests: number | null, codes: readonly string[] = []) =>
  foreignAnswers({ load, ledger, mockRequests, notes: codes.map((code) => ({ code, message: '' })) })?.evidence;

test('right answers that the ledger does not know came from somewhere else', () => {
  assert.equal(seen(LEDGER, 2000), undefined);
  assert.equal(seen({ ...LEDGER, missing: 10 }, 2000), undefined, 'what failed may be missing');
  assert.equal(seen({ ...LEDGER, missing: 11 }, 2000), undefined, 'one at the edge');
  assert.deepEqual(seen({ ...LEDGER, missing: 400 }, 2000), { ok: 990, unseen: 390, limit: 1 });
});

test('where the ledger cannot tell, the mock’s own count does', () => {
  assert.equal(seen({ ...LEDGER, missing: 400, overwritten: 1 }, 990), undefined);
  assert.deepEqual(seen({ ...LEDGER, missing: 1000 }, 500, ['ids-lost']), { ok: 990, unseen: 490, limit: 1 });
  assert.deepEqual(seen(null, 500), { ok: 990, unseen: 490, limit: 1 });
  assert.equal(seen(null, null), undefined, 'somebody else’s mock');
});

test('answers into which nobody looked are not called right', () => {
  const message = (change: Partial<LoadRecord>) =>
    foreignAnswers({ load: { ...load, ...change }, ledger: null, mockRequests: 500, notes: [] })?.message;
  assert.match(
    message({}) ?? '',
    /^of 990 right answers 490 were to requests that the mock never saw: a cache, or another provider,/,
  );
  assert.match(message({ answerBytes: [] }) ?? '', /^of 990 answers with status 200 490 were/);
});
