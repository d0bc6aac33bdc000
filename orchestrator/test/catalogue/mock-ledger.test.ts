import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withLedger } from '#src/catalogue/mock-ledger.js';
import { fakeService } from '../support/fake-runtime.js';

const MOCK = {
  ...fakeService('mock', 'mock'),
  command: ['mock', '--port', '9999'],
  process: {
    command: ['{node}', '{mock}'],
    environment: {},
    versionCommand: null,
    npmDirectory: null,
    versionFolder: null,
    install: null,
  },
};

test('the mock is told how much to remember, in whichever way it is started', () => {
  const { command, process } = withLedger(MOCK, 70_000);
  assert.deepEqual(command, ['mock', '--port', '9999', '--ledger', '70000']);
  assert.deepEqual(process?.command, ['{node}', '{mock}', '--ledger', '70000']);
});

test('what its command line says itself stays', () => {
  const { command } = withLedger({ ...MOCK, command: ['mock', '--ledger', '0'], process: null }, 70_000);
  assert.deepEqual(command, ['mock', '--ledger', '0']);
});
