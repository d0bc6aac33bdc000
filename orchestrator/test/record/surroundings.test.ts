import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Surroundings, gatesOf, machineGates } from '#src/record/surroundings.js';
import type { HostRecord, ResourceRecord } from '#src/record/trial.js';
import { loadRecord } from '../support/fake-runtime.js';

const HOST: HostRecord = { cpus: 2, stealShare: 0, busyShare: 0.9, swappedBytes: 0, clockJumpMs: 0.2 };

/** A target that used 0.8 CPUs of its two, far below its limits. */
const RESOURCES: ResourceRecord = {
  memoryPeakBytes: 100 * 2 ** 20,
  memoryStartBytes: 90 * 2 ** 20,
  memoryEndBytes: 100 * 2 ** 20,
  cpuUs: 1_600_000,
  cpuWindowMs: 2000,
  throttledMs: 0,
  series: [],
};

const QUIET: Surroundings = {
  load: loadRecord(100, { driverCpuUs: 500_000, windowMs: 1000 }),
  ledger: null,
  resources: RESOURCES,
  host: HOST,
  observer: { cpuUs: 9000, samplingUs: 2000, ofMs: 1000 },
  memoryLimitBytes: 512 * 2 ** 20,
  mockCores: 0.4,
  beside: null,
  leftOver: 0,
};

function gates(change: Partial<Surroundings>): string[] {
  return gatesOf({ ...QUIET, ...change }).map(({ effect, reason }) => `${effect} ${reason.code}`);
}

describe('gatesOf', () => {
  it('lets a quiet trial pass', () => {
    assert.deepEqual(gates({}), []);
  });

  it('holds nothing against a trial of which nothing is known', () => {
    const unknown = {
      load: loadRecord(100),
      ledger: null,
      resources: null,
      host: null,
      observer: null,
      memoryLimitBytes: null,
      beside: null,
    };
    assert.deepEqual(gatesOf({ ...unknown, mockCores: null, leftOver: null }), []);
    const blind = { ...HOST, stealShare: null, busyShare: null, swappedBytes: null, clockJumpMs: null };
    assert.deepEqual(gates({ host: blind }), []);
  });

  it('what kept cores awake is nobody’s work, and time taken from such cores voids nothing', () => {
    const busy = { ...HOST, busyShare: 1, awakeShare: 0.3 };
    const resources = { ...RESOURCES, cpuUs: 400_000 };
    assert.deepEqual(gates({ resources, host: { ...busy, awakeShare: 0 } }), ['warning other-load']);
    assert.deepEqual(gates({ resources, host: busy }), []);
    assert.deepEqual(gates({ host: { ...HOST, stealShare: 0.2, awakeShare: 0.1 } }), ['warning steal']);
  });

  it('warns of some steal time and voids for much', () => {
    assert.deepEqual(gates({ host: { ...HOST, stealShare: 0.02 } }), []);
    assert.deepEqual(gates({ host: { ...HOST, stealShare: 0.05 } }), ['warning steal']);
    assert.deepEqual(gates({ host: { ...HOST, stealShare: 0.2 } }), ['void steal']);
  });

  it('says when watching itself took more than a hundredth of a core', () => {
    assert.deepEqual(gates({ observer: { cpuUs: 6000, samplingUs: 0, ofMs: 1000, besideCpuUs: 6000 } }), [
      'warning observer-busy',
    ]);
    assert.deepEqual(gates({ observer: { cpuUs: 11_000, samplingUs: 0, ofMs: 1000 } }), ['warning observer-busy']);
  });

  it('sees a clock that jumps, either way', () => {
    assert.deepEqual(gates({ host: { ...HOST, clockJumpMs: -30 } }), ['warning clock-jump']);
    assert.deepEqual(gates({ host: { ...HOST, clockJumpMs: 5000 } }), ['void clock-jump']);
  });

  it('sees load that is nobody’s here, and only what goes beyond target, driver and mock', () => {
    // 0.9 of two CPUs is 1.8, of which 0.8 + 0.5 + 0.4 are accounted for.
    assert.deepEqual(gates({ mockCores: 0 }), []);
    assert.deepEqual(gates({ mockCores: 0, resources: { ...RESOURCES, cpuUs: 200_000 } }), ['warning other-load']);
  });

  it('sees a driver that takes the host for itself', () => {
    assert.deepEqual(gates({ load: loadRecord(100, { driverCpuUs: 1_500_000, windowMs: 1000 }) }), [
      'warning driver-busy',
    ]);
  });

  it('sees the CPU quota, the memory limit and swap', () => {
    assert.deepEqual(gates({ resources: { ...RESOURCES, throttledMs: 30 } }), ['warning cpu-throttled']);
    assert.deepEqual(gates({ memoryLimitBytes: 101 * 2 ** 20 }), ['warning memory-limit']);
    assert.deepEqual(gates({ host: { ...HOST, swappedBytes: 2 ** 22 } }), ['warning swap']);
  });

  it('voids a trial into which the one before still reached', () => {
    assert.deepEqual(gates({ leftOver: 17 }), ['void left-over']);
  });

  it('gives each gate its evidence and the limit that it is held against', () => {
    for (const { reason } of gatesOf({
      ...QUIET,
      leftOver: 3,
      host: { ...HOST, stealShare: 0.5, swappedBytes: 2 ** 30 },
    })) {
      assert.ok(reason.evidence?.['limit'] !== undefined, reason.code);
      assert.ok(
        Object.values(reason.evidence).some((value) => value > (reason.evidence?.['limit'] ?? 0)),
        reason.code,
      );
    }
  });
});

it('tells what the machine did by itself, whoever was measured on it', () => {
  const codes = (host: Partial<HostRecord>, ownCores: number): string[] =>
    machineGates({ ...HOST, ...host }, ownCores).map(({ effect, reason }) => `${effect} ${reason.code}`);
  assert.deepEqual(codes({}, 1.5), []);
  assert.deepEqual(codes({}, 1), ['warning other-load']);
  assert.deepEqual(codes({ stealShare: 0.2, clockJumpMs: -2000 }, 1.5), ['void steal', 'void clock-jump']);
  assert.deepEqual(codes({ busyShare: null }, 0), []);
});
