import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type HostCounters,
  compareCounters,
  parseCpu,
  parseSwap,
  startHostSampling,
  sumUp,
} from '#src/resources/host-sampling.js';

const STAT =
  'cpu  100 5 40 800 20 3 2 30 7 1\ncpu0 50 0 20 400 10 1 1 15 0 0\ncpu1 50 5 20 400 10 2 1 15 7 1\nintr 1\n';

test('reads the kernel’s CPU times, guest time not twice', () => {
  assert.deepEqual(parseCpu(STAT), { busy: 150, steal: 30, total: 1000, cpus: 2 });
  assert.equal(parseCpu('intr 1\n'), null);
});

test('reads pages swapped', () => {
  assert.equal(parseSwap('pgpgin 9\npswpin 3\npswpout 4\n'), 7);
  assert.equal(parseSwap('pgpgin 9\n'), null);
});

test('says what changed between two readings', () => {
  const before: HostCounters = {
    monotonicMs: 0,
    wallMs: 1000,
    cpu: { busy: 100, steal: 0, total: 1000, cpus: 2 },
    swappedPages: 7,
  };
  const after: HostCounters = {
    monotonicMs: 500,
    wallMs: 1450,
    cpu: { busy: 150, steal: 10, total: 1100, cpus: 2 },
    swappedPages: 9,
  };
  assert.deepEqual(compareCounters(before, after, 8), {
    cpus: 2,
    stealShare: 0.1,
    busyShare: 0.5,
    swappedBytes: 8192,
    clockJumpMs: -50,
  });
});

test('shares of CPU time are of the window, jumps and swapping of all that was watched', () => {
  // One reading each 250 ms over two seconds; both CPUs are busy in the second half second only.
  const series = Array.from(
    { length: 9 },
    (_, i): HostCounters => ({
      monotonicMs: 250 * i,
      wallMs: 250 * i + (i === 8 ? 40 : 0),
      cpu: { busy: 50 * Math.min(2, Math.max(0, i - 2)), steal: 0, total: 50 * i, cpus: 2 },
      swappedPages: i,
    }),
  );
  const { busyShare, clockJumpMs, swappedBytes } = sumUp(
    series,
    { fromMs: 300, windowFromMs: 490, windowUntilMs: 1010 },
    2,
  );
  assert.deepEqual([busyShare, clockJumpMs, swappedBytes], [1, 40, 8 * 4096]);
  assert.equal(sumUp(series, null, 2).busyShare, 0.25);
  const short = { fromMs: 300, windowFromMs: 510, windowUntilMs: 740 };
  assert.equal(sumUp(series, short, 2).busyShare, 0.25, 'no two readings in it');
});

test('what the kernel does not tell is null', () => {
  const blind: HostCounters = { monotonicMs: 0, wallMs: 0, cpu: null, swappedPages: null };
  assert.deepEqual(compareCounters(blind, blind, 4), {
    cpus: 4,
    stealShare: null,
    busyShare: null,
    swappedBytes: null,
    clockJumpMs: 0,
  });
});

test('watches this host', async () => {
  const record = await startHostSampling(1).finish(null);
  assert.ok(record.cpus >= 1);
  assert.ok(record.busyShare === null || (record.busyShare >= 0 && record.busyShare <= 1));
});
