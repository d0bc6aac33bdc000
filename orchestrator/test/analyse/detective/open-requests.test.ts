import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Case } from '#src/analyse/detective/case.js';
import { memoryOfOpenRequests } from '#src/analyse/detective/open-requests.js';

const MIB = 2 ** 20;

function suspect(own: number | null, least: number | null, kind = 'gateway', level = 'streams'): Case {
  const row = (value: number, memoryPeakBytes: number | null) => ({
    target: 'gw',
    scenario: 'concurrent-streams',
    level: { kind: level, value },
    memoryPeakBytes,
  });
  return {
    cell: {
      id: { target: 'gw', scenario: 'concurrent-streams', level: { kind: level, value: 1000 } },
      target: { kind },
    },
    row: row(1000, own),
    lowest: row(100, least),
    direct: null,
  } as unknown as Case;
}

test('memory that grows with open requests is told with what each one more takes', () => {
  const [finding, ...others] = memoryOfOpenRequests(suspect(490 * MIB, 40 * MIB));
  assert.equal(others.length, 0);
  assert.equal(finding?.code, 'memory-by-open-requests');
  assert.match(finding?.message ?? '', /40 MiB at 100, 490 MiB at 1000, 512 KiB for each one more/);
});

test('nothing is told of what any pool does, of direct, of a rate, or where memory is not known', () => {
  for (const [own, least, kind, level] of [
    [70, 40, 'gateway', 'streams'],
    [440, 400, 'gateway', 'streams'],
    [490, 40, 'direct', 'streams'],
    [490, 40, 'gateway', 'rps'],
  ] as const)
    assert.deepEqual(memoryOfOpenRequests(suspect(own * MIB, least * MIB, kind, level)), []);
  assert.deepEqual(memoryOfOpenRequests(suspect(null, 40 * MIB)), []);
  assert.deepEqual(memoryOfOpenRequests(suspect(490 * MIB, null)), []);
});
