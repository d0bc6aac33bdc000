import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { standstillOf } from '#src/load/standstill.js';
import { exhaustionGates } from '#src/record/exhaustion.js';
import { standstillGates } from '#src/record/standstill.js';
import { loadRecord } from '../support/fake-runtime.js';

const WINDOW = { startUs: 1e6, endUs: 11e6 };
const gatesOf = (stalls: readonly (readonly [number, number])[]) => {
  const all = stalls.map(([fromUs, lengthUs]) => ({ fromUs, lengthUs }));
  const standstill = standstillOf(all, WINDOW, ['heartbeat'], 1_500_000);
  return standstillGates(loadRecord(100, { windowMs: 10_000, standstill }));
};

describe('standstillOf', () => {
  it('counts what several witnesses saw once, and of the window alone', () => {
    const stalls = [
      { fromUs: 0, lengthUs: 1.5e6 },
      { fromUs: 3e6, lengthUs: 1e6 },
      { fromUs: 3.5e6, lengthUs: 1e6 },
      { fromUs: 10.9e6, lengthUs: 5e6 },
    ];
    assert.deepEqual(standstillOf(stalls, WINDOW, ['schedule', 'process'], null), {
      stalls: [
        { fromUs: 0, lengthUs: 500_000 },
        { fromUs: 2e6, lengthUs: 1.5e6 },
        { fromUs: 9.9e6, lengthUs: 100_000 },
      ],
      totalUs: 2.1e6,
      witnesses: ['schedule', 'process'],
      runQueueWaitUs: null,
    });
  });
});

describe('standstillGates', () => {
  it('void a trial of which the driver slept through a part', () => {
    const [gate] = gatesOf([[4.2e6, 5e6]]);
    assert.equal(gate?.effect, 'void');
    assert.equal(gate?.reason.code, 'driver-stopped');
    assert.equal(
      gate?.reason.message,
      'the driver stood still for 5.0 s at 3.2 s, by its own heartbeat; its threads waited 1.5 s for a CPU',
    );
    const again = gatesOf([1, 3, 5, 7, 9].map((at) => [at * 1e6, 0.4e6] as const));
    assert.match(
      again[0]?.reason.message ?? '',
      /^the driver stood still for 2\.0 s in 5 pieces from 0\.00 s on, the longest 0\.40 s/,
    );
  });

  it('leave short hiccups to what they do to the quantiles', () => {
    assert.deepEqual(gatesOf([]), []);
    assert.deepEqual(
      gatesOf([
        [2e6, 90_000],
        [4e6, 90_000],
      ]),
      [],
    );
    assert.deepEqual(gatesOf([[2e6, 100_000]]), []);
    assert.deepEqual(standstillGates(loadRecord(100)), []);
  });
});

describe('exhaustionGates', () => {
  it('void a trial that lacked something on this side, and say what helps', () => {
    const lacking = loadRecord(100, {
      ok: 900,
      errors: { exhausted: 100 },
      errorExamples: {
        'exhausted: EMFILE, no file descriptor left in this process: raise the limit (ulimit -n) or use fewer --connections': 100,
      },
    });
    const [gate] = exhaustionGates(lacking);
    assert.equal(gate?.effect, 'void');
    assert.equal(
      gate?.reason.message,
      'this side could not connect for 100 of 1000 requests: EMFILE, no file descriptor left in this process: ' +
        'raise the limit (ulimit -n) or use fewer --connections',
    );
    assert.equal(exhaustionGates(loadRecord(100, { ok: 999, errors: { exhausted: 1 } }))[0]?.effect, 'warning');
    assert.deepEqual(exhaustionGates(loadRecord(100, { ok: 900, errors: { connect: 100 } })), []);
  });
});
