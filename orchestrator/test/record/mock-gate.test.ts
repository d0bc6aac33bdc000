import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type MockHealth, mockGates } from '#src/record/mock-gate.js';
import { loadRecord } from '../support/fake-runtime.js';

const LATE: MockHealth = {
  complaints: ['worker 0: event loop delay p99 21 ms (limit 20 ms)'],
  lost: 0,
  loopUtilization: 0.3,
  lateUs: 21_000,
  cores: 0.3,
  requests: 1000,
};

const withP99 = (p99: number | null) =>
  loadRecord(100, {
    latencyUs: { ...loadRecord(100).latencyUs, quantiles: { p50: 1, p90: 1, p99, p999: null, max: null } },
  });

function told(health: MockHealth | null, p99: number | null, saturated: boolean): string[] {
  return mockGates(health, withP99(p99), saturated).map(({ effect, reason }) => `${effect} ${reason.code}`);
}

describe('mockGates', () => {
  it('has nothing against a mock that has nothing against itself, or that cannot be asked', () => {
    assert.deepEqual(told({ ...LATE, complaints: [] }, 1000, true), []);
    assert.deepEqual(told(null, 1000, true), []);
  });

  it('holds lateness against what the target took', () => {
    assert.deepEqual(told(LATE, 5000, false), ['warning mock-late']);
    assert.deepEqual(told(LATE, 5000, true), ['void mock-late']);
    // A slow gateway far beyond saturation stays saturated: 21 ms are nothing in two seconds.
    assert.deepEqual(told(LATE, 2_000_000, true), []);
    // Nothing was answered within the window of a second.
    assert.deepEqual(told(LATE, null, true), []);
  });

  it('takes a busy event loop and lost workers absolutely', () => {
    assert.deepEqual(told({ ...LATE, loopUtilization: 0.97 }, 2_000_000, true), ['void mock-bottleneck']);
    assert.deepEqual(told({ ...LATE, loopUtilization: 0.97 }, 2_000_000, false), ['warning mock-bottleneck']);
    assert.deepEqual(told({ ...LATE, lost: 1 }, 2_000_000, false), ['void mock-lost']);
    assert.deepEqual(told({ ...LATE, lost: 1, complaints: [] }, 2_000_000, false), ['void mock-lost']);
  });
});
