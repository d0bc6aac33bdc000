import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SCENARIOS } from '#src/catalogue/scenarios.js';
import type { Observed, TrialId } from '#src/execute/observe.js';
import { judge } from '#src/execute/verdict.js';
import type { MockHealth } from '#src/record/mock-gate.js';
import { loadRecord } from '../support/fake-runtime.js';

const scenario = SCENARIOS.find(({ name }) => name === 'chat-minimal') ?? assert.fail();
const ID: TrialId = { block: 1, target: 'gw', replica: 1, scenario, level: { kind: 'rps', value: 100 } };
const CALM: MockHealth = { complaints: [], lost: 0, loopUtilization: 0.1, lateUs: 100, cores: 0.1, requests: 1500 };
const NO_RESOURCES = {
  memoryPeakBytes: null,
  memoryStartBytes: null,
  memoryEndBytes: null,
  throttledMs: null,
  series: [],
};
const EXIT = { exitCode: 1, signal: null, outOfMemory: false };
const FAILING = loadRecord(100, { ok: 900, errors: { status: 100 }, statuses: { 200: 900, 502: 100 } });

const NOBODY_LOOKED = { fault: null, resources: null, host: null, observer: null, exit: null, mockExit: null };

function verdict(
  change: Partial<Observed>,
  leftOver: number | null = null,
  load = FAILING,
  beside: Parameters<typeof judge>[2]['beside'] = null,
): string {
  const seen: Observed = {
    result: { record: load, raw: Buffer.from('{}'), span: { fromMs: 0, windowFromMs: 1000, windowUntilMs: 11_000 } },
    fault: null,
    resources: null,
    host: null,
    observer: null,
    health: CALM,
    exit: null,
    mockExit: null,
    ...change,
  };
  const { state, reason } = judge(ID, seen, {
    ledger: null,
    leftOver,
    memoryLimitBytes: null,
    targetIsMock: false,
    notes: [],
    beside,
  });
  return `${state} ${reason?.code}`;
}

describe('judge', () => {
  it('voids where the target became another meanwhile, whatever it did wrong then', () => {
    const changed = { code: 'target-changed', message: 'b was restarted' };
    assert.equal(verdict({ changed }), 'void target-changed');
    assert.equal(verdict({ changed }, null, loadRecord(100)), 'void target-changed');
  });

  it('voids for the one who stood still for longer, where driver and mock both did', () => {
    const stopped = (driverMs: number) =>
      loadRecord(100, {
        standstill: {
          totalUs: driverMs * 1000,
          stalls: [{ fromUs: 0, lengthUs: driverMs * 1000 }],
          witnesses: ['heartbeat'],
          runQueueWaitUs: null,
        },
      });
    const health = { ...CALM, frozen: { longestMs: 2000, totalMs: 2000 } };
    assert.equal(verdict({ health }, null, stopped(220)), 'void mock-stopped');
    assert.equal(verdict({ health }, null, stopped(2500)), 'void driver-stopped');
    assert.equal(verdict({}, null, stopped(220)), 'void driver-stopped');
  });

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

  it('counts no trial of a pair whose other side ended, and leaves errors with the target all the same', () => {
    const beside = (exit: typeof EXIT | null) => ({ load: null, resources: null, exit });
    assert.equal(verdict({}, null, loadRecord(100), beside(null)), 'valid undefined');
    assert.equal(verdict({}, null, loadRecord(100), beside(EXIT)), 'void other-side-ended');
    assert.equal(verdict({}, null, loadRecord(53), beside(EXIT)), 'void other-side-ended');
    assert.equal(verdict({}, null, FAILING, beside(EXIT)), 'failed errors');
    assert.equal(verdict({ exit: EXIT }, null, loadRecord(100), beside(EXIT)), 'failed exited');
    assert.equal(verdict({ mockExit: EXIT }, null, loadRecord(100), beside(EXIT)), 'void mock-lost');
  });

  it('says of oha’s lost connections that they may be none of the target’s errors, and lets them stand', () => {
    const judged = (name: 'oha' | 'native') => {
      const load = loadRecord(100, { ok: 900, errors: { reset: 100 }, driver: { name, version: '1' } });
      const span = { fromMs: 0, windowFromMs: 1000, windowUntilMs: 11_000 };
      const result = { record: load, raw: Buffer.from('{}'), span };
      const seen = { ...NOBODY_LOOKED, result, health: CALM };
      return judge(ID, seen, {
        ledger: null,
        leftOver: null,
        beside: null,
        memoryLimitBytes: null,
        targetIsMock: false,
        notes: [],
      });
    };
    assert.deepEqual(
      [judged('oha').reason?.code, judged('oha').warnings.map(({ code }) => code)],
      ['errors', ['stale-unknown']],
    );
    assert.deepEqual(judged('native').warnings, []);
  });

  it('takes the CPU time of a mock that is the target itself from the host’s once', () => {
    const busy = { cpus: 2, stealShare: 0, busyShare: 0.8, swappedBytes: 0, clockJumpMs: 0 };
    const load = { ...loadRecord(100), driverCpuUs: 0 };
    const warnings = (targetIsMock: boolean) => {
      const result = {
        record: load,
        raw: Buffer.from('{}'),
        span: { fromMs: 0, windowFromMs: 0, windowUntilMs: 10_000 },
      };
      const resources = { ...NO_RESOURCES, cpuUs: 8_000_000, cpuWindowMs: 10_000 };
      const health = { ...CALM, cores: 0.8 };
      const seen = { result, fault: null, resources, host: busy, observer: null, health, exit: null, mockExit: null };
      const beside = { ledger: null, leftOver: null, memoryLimitBytes: null, targetIsMock, notes: [], beside: null };
      return judge(ID, seen, beside).warnings.map(({ code }) => code);
    };
    assert.deepEqual(warnings(true), ['other-load']);
    assert.deepEqual(warnings(false), []);
  });
});
