import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMachine } from '#src/doctor/machine.js';
import { probeLoopback, probeSleep } from '#src/doctor/probes.js';

test('the probes come back with a tail that is not below the middle', async () => {
  for (const { p50Us, p99Us } of [probeSleep(), await probeLoopback()]) {
    assert.ok(Number.isFinite(p50Us) && p99Us >= p50Us);
  }
});

test('a machine has CPUs and memory, and is null where it does not tell', async () => {
  const machine = await readMachine();
  assert.ok(machine.cpus >= 1 && machine.memoryBytes > 0);
  assert.ok(machine.governor === null || machine.governor !== '');
});
