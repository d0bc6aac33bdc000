import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SCENARIOS } from '#src/catalogue/scenarios.js';
import type { Observed, TrialId } from '#src/execute/observe.js';
import { judge } from '#src/execute/verdict.js';
import type { MockHealth } from '#src/record/mock-gate.js';
import { loadRecord } from '../support/fake-runtime.js';

const scenario = SCENARIOS.find(({ name }) => name === 'chat-minimal') ?? assert.fail();
const ID: TrialId = { block: 1, target: 'gw', replica: 1, scenario, level: { kind: 'rps', value: 100 } };
const CALM: MockHealth = { complaints: [], lost: 0, loopUtilization: 0.1, lateUs: 100, cores: 0.1 };
const EXIT = { exitCode: 1, signal: null, outOfMemory: false };
const FAILING = loadRecord(100, { ok: 900, errors: { status: 100 }, statuses: { 200: 900, 502: 100 } });

function verdict(change: Partial<Observed>, leftOver: number | null = null, load = FAILING): string {
  const seen: Observed = {
    result: { record: load, raw: Buffer.from('{}') },
    fault: null,
    resources: null,
    host: null,
    health: CALM,
    exit: null,
    mockExit: null,
    ...change,
  };
  const { state, reason } = judge(ID, seen, { ledger: null, leftOver, memoryLimitBytes: null });
  return `${state} ${reason?.code}`;
}

describe('judge', () => {
  it('leaves errors with the target, whatever else was wrong', () => {
    assert.equal(verdict({}), 'failed errors');
    assert.equal(verdict({ health: null }), 'failed errors');
    assert.equal(
      verdict({ host: { cpus: 2, stealShare: 0.5, busyShare: 0.5, swappedBytes: 0, clockJumpMs: 0 } }),
      'failed errors',
    );
  });

  it('takes errors from the target that a lost worker or the trial before may have made', () => {
    assert.equal(verdict({ health: { ...CALM, lost: 1 } }), 'void mock-lost');
    assert.equal(verdict({}, 17), 'void left-over');
  });

  it('holds the end of the mock against nobody else, and the end of the target against the target', () => {
    assert.equal(verdict({ mockExit: EXIT }), 'void mock-lost');
    assert.equal(verdict({ mockExit: EXIT, exit: EXIT }), 'void mock-lost');
    assert.equal(verdict({ exit: EXIT }, null, loadRecord(100)), 'failed exited');
  });
});
