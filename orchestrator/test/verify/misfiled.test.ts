import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { misfiled } from '#src/verify/misfiled.js';
import type { TrialFiles, TrialRecord } from '#src/record/trial.js';
import { syntheticRun } from '../analyse/synthetic-run.js';

const { manifest, trials } = syntheticRun({ blocks: 1, ledger: true });

const FILES: TrialFiles = {
  raw: { name: 't.json', sha256: '' },
  resources: { name: 't.mem.json', sha256: '' },
  log: null,
  requests: { name: 't.requests.gz', sha256: '' },
  ledger: { name: 't.ledger.gz', sha256: '' },
};

/** A trial with all its files, changed. */
function trialOf(change: Partial<Omit<TrialRecord, 'files'>> = {}, files: Partial<TrialFiles> = {}): TrialRecord {
  const [trial] = trials;
  if (trial === undefined) throw new Error('the synthetic run is empty');
  return { ...trial, ...change, files: { ...FILES, ...files } };
}

function fieldsOf(trial: TrialRecord, driver = 'native'): string[] {
  return misfiled({ ...manifest, driver }, trial).map(({ field }) => field);
}

describe('the files of a trial', () => {
  const NO_FILES: TrialFiles = { raw: null, resources: null, log: null, requests: null, ledger: null };
  const load = trialOf().load;

  for (const [what, trial] of [
    ['with everything', trialOf()],
    ['of a mock that gave no ledger', trialOf({ ledger: null }, { ledger: null })],
    ['of a mock whose ledger nobody could read', trialOf({ ledger: null })],
    ['that was not measured', trialOf({ load: null, ledger: null, resources: null }, NO_FILES)],
    [
      'that was not measured and printed something',
      trialOf({ load: null, ledger: null, resources: null }, { ...NO_FILES, log: { name: 'log', sha256: '' } }),
    ],
  ] as const) {
    test(`are those that an honest one ${what} has`, () => assert.deepEqual(fieldsOf(trial), []));
  }

  test('are without requests and ledger with oha, which knows no single request', () => {
    const oha = trialOf(
      { ledger: null, load: load && { ...load, driver: { name: 'oha', version: '1.16.0' } } },
      { requests: null, ledger: null },
    );
    assert.deepEqual(fieldsOf(oha, 'oha'), []);
    assert.deepEqual(fieldsOf(oha), ['load.driver.name']);
  });

  for (const kind of ['raw', 'resources', 'requests', 'ledger'] as const) {
    test(`may not lack ${kind} when its figures are recorded`, () => {
      assert.deepEqual(fieldsOf(trialOf({}, { [kind]: null })), [`files.${kind}`]);
    });
  }

  test('may not be left over from figures that were taken out', () => {
    assert.deepEqual(fieldsOf(trialOf({ resources: null })), ['files.resources']);
    assert.deepEqual(fieldsOf(trialOf({ load: null, ledger: null })), ['files.raw', 'files.requests', 'files.ledger']);
  });
});
