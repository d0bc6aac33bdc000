import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { monotonicUs } from '#src/clock/clock.js';
import { KeepAwake, whyNotAwake } from '#src/load/native/keep-awake.js';
import { readTopology } from '#src/resources/cpu-topology.js';

const SPIN = { way: 'spin', beforeUs: 2000, afterUs: 3000, cpus: String(readTopology()?.cpus[0]?.id ?? 0) } as const;
const schedule = {
  ratePerSecond: 50,
  warmupMs: 0,
  measureMs: 200,
  arrivals: 'constant',
  shape: { kind: 'flat' },
  seed: 1,
} as const;
const skip = whyNotAwake(SPIN) ?? false;

/** Programs that were started here and keep a CPU awake. */
function spinners(): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const parent = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1];
      return Number(parent) === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('awake-worker');
    } catch {
      return false;
    }
  });
}

describe('keeping cores awake', { skip }, () => {
  it('spins around each due time, tells what that took, and leaves nothing behind', async () => {
    const awake = new KeepAwake(SPIN);
    try {
      await awake.ready();
      assert.equal(spinners().length, 1);
      const span = awake.follow(monotonicUs() + 5000, schedule);
      const usedUs = await span.used();
      // Ten times five milliseconds, as far as anybody let it run: in the idle class it waits for all others.
      assert.ok(usedUs === null || (usedUs > 0 && usedUs < 200_000), String(usedUs));
    } finally {
      awake.stop();
    }
    while (spinners().length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('spins not at all where it would spin all the time, or nobody knows when', async () => {
    const awake = new KeepAwake(SPIN);
    try {
      await awake.ready();
      assert.equal(await awake.follow(monotonicUs(), { ...schedule, ratePerSecond: 500 }).used(), 0);
      assert.equal(await awake.follow(monotonicUs(), null).used(), 0);
    } finally {
      awake.stop();
    }
  });

  it('a spinner that was killed leaves the trial without its account, and the next one has another', async () => {
    const awake = new KeepAwake(SPIN);
    try {
      await awake.ready();
      const [pid] = spinners();
      process.kill(Number(pid), 'SIGKILL');
      assert.equal(await awake.follow(monotonicUs(), schedule).used(), 0);
      await awake.ready();
      assert.notDeepEqual(spinners(), [pid]);
      assert.notEqual(await awake.follow(monotonicUs() + 5000, schedule).used(), 0);
    } finally {
      awake.stop();
    }
  });
});
