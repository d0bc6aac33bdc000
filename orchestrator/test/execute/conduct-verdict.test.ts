import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { shareRow } from '#src/analyse/conduct/row.js';
import type { SeenCase } from '#src/analyse/conduct/case-rows.js';
import { judgeCase, lateAttempts, leftAlone, wasBehind } from '#src/execute/conduct-verdict.js';
import { standstillOf } from '#src/load/standstill.js';
import type { MockHealth } from '#src/record/mock-gate.js';
import { loadRecord } from '../support/fake-runtime.js';

const WELL: MockHealth = { complaints: [], lost: 0, loopUtilization: 0.1, lateUs: 100, cores: 0.1, requests: 500 };
const WINDOW = { startUs: 0, endUs: 10e6 };

function stoppedFor(lengthUs: number) {
  const standstill = standstillOf([{ fromUs: 1e6, lengthUs }], WINDOW, ['heartbeat'], null);
  return loadRecord(50, { windowMs: 10_000, standstill });
}

describe('a case', () => {
  test('in which nobody was late is used', () =>
    assert.deepEqual(judgeCase(loadRecord(50), WELL), { void: null, warnings: [] }));

  test('in which the driver stood still is void, and a moment is not', () => {
    assert.equal(judgeCase(stoppedFor(2e6), WELL).void?.code, 'driver-stopped');
    assert.equal(judgeCase(stoppedFor(50_000), WELL).void, null);
  });

  test('in which the mock lost a worker, or stood still, is void', () => {
    assert.notEqual(judgeCase(loadRecord(50), { ...WELL, lost: 1 }).void, null);
    const frozen = { longestMs: 2000, totalMs: 2000 };
    assert.equal(judgeCase(loadRecord(50, { windowMs: 10_000 }), { ...WELL, frozen }).void?.code, 'mock-stopped');
  });

  test('in which everything failed is what was asked for', () => {
    const failed = loadRecord(0, { ok: 0, errors: { status: 500 }, statuses: { 503: 500 } });
    assert.equal(judgeCase(failed, WELL).void, null);
  });

  test('whose mock cannot be asked is used, and that is said', () =>
    assert.deepEqual(
      judgeCase(loadRecord(50), null).warnings.map(({ code }) => code),
      ['mock-silent'],
    ));
});

describe('a primary that is left alone before its fault', () => {
  const alone = { kind: 'outage', everywhere: false } as const;
  const seen = (hits: number) => ({ rows: { splitBefore: shareRow(hits, 100, 'requests') } });

  test('is told, and one that is asked as configured is not', () => {
    assert.equal(leftAlone(alone, seen(0), 0.5)?.code, 'left-alone');
    assert.match(leftAlone(alone, seen(5), 0.5)?.message ?? '', /got 5 % .* to get 50 %/);
    assert.equal(leftAlone(alone, seen(45), 0.5), null);
  });

  test('is told by who is not asked at all where its share is not known', () => {
    assert.equal(leftAlone(alone, seen(0))?.code, 'left-alone');
    assert.equal(leftAlone(alone, seen(5)), null);
  });

  test('is of no consequence where every provider fails, or none', () => {
    assert.equal(leftAlone({ ...alone, everywhere: true }, seen(0), 0.5), null);
    assert.equal(leftAlone({ kind: 'calm', everywhere: false }, seen(0), 0.5), null);
  });
});

test('attempts of an earlier case are told, and how many', () => {
  const seen = (strangeAttempts: number) => ({ requests: { known: 5, unknown: 0, strangeAttempts } });
  assert.equal(lateAttempts(seen(0)), null);
  assert.match(lateAttempts(seen(250))?.message ?? '', /^250 attempts belong to no request of this case/);
});

describe('a target that had a queue before its provider failed', () => {
  const phases = [
    { name: 'before', fromUs: 0, untilUs: 2e6 },
    { name: 'fault', fromUs: 2e6, untilUs: 7e6 },
  ] as const;
  /** One request each 20 ms over both phases. */
  const asked = (tookUs: (dueUs: number) => number | null): Pick<SeenCase, 'requests' | 'phases'> => ({
    phases,
    requests: Array.from({ length: 350 }, (_, i) => {
      const dueUs = i * 20_000;
      const took = tookUs(dueUs);
      const endUs = took === null ? null : dueUs + took;
      return { id: `${i}`, outcome: 'ok', dueUs, lastByteUs: endUs, endUs, status: 200 };
    }),
  });

  test('shows nothing of what it does then', () => {
    const behind = wasBehind(
      asked((dueUs) => dueUs / 2),
      50,
    );
    assert.equal(behind?.code, 'target-behind');
    assert.match(
      behind.message,
      /50 requests a second while nothing failed \(half of them took 500 ms or longer, limit 250 ms\)/,
    );
    assert.match(
      wasBehind(
        asked(() => null),
        50,
      )?.message ?? '',
      /half of them were not answered/,
    );
  });

  test('is none where it was quick, whatever became of it under the fault, and however long a few took', () => {
    assert.equal(
      wasBehind(
        asked((dueUs) => (dueUs < 2e6 ? 30_000 : null)),
        50,
      ),
      null,
    );
    assert.equal(
      wasBehind(
        asked((dueUs) => (dueUs < 0.9e6 ? 900_000 : 5000)),
        50,
      ),
      null,
    );
  });
});
