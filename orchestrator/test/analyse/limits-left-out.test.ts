import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitsLeftOut } from '#src/analyse/limits-left-out.js';
import type { TargetRecord } from '#src/record/manifest.js';

const TARGET: TargetRecord = {
  name: 'gw',
  kind: 'gateway',
  url: 'http://127.0.0.1:1',
  version: null,
  digest: null,
  limits: { cpus: 2, memoryBytes: 1, enforced: false },
  absent: null,
};

test('each limit that was not in force is told at its target, with the figures that it would have bounded', () => {
  const { limits } = TARGET;
  const leftOut = [{ limit: 'cpus', said: 'CpuCfsQuota' } as const, { limit: 'swap', said: 'SwapLimit' } as const];
  const [cpus, swap] = limitsLeftOut({ targets: [{ ...TARGET, limits: { ...limits, leftOut } }] });
  assert.equal(cpus?.target, 'gw');
  assert.equal(
    cpus.message,
    'The engine cannot enforce the limit of cpus (CpuCfsQuota in its /info is false): of all figures of gw, latencies, rates, CPU time and capacity are those of a target that may use every CPU.',
  );
  assert.match(
    swap?.message ?? '',
    /a limit of swap \(SwapLimit in its \/info is false\).*memory is bounded and swap is not/,
  );
  assert.deepEqual(limitsLeftOut({ targets: [TARGET] }), [], 'a runtime that enforces none says so otherwise');
});
