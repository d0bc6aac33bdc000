import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MARKER, ProcessTree } from '#src/runtime/process/process-tree.js';
import { type FakeProcess, temporaryDirectory, writeProc } from './support.js';

const ROOT = { pid: 100, startTicks: 100 };

const root = (reaped: number): FakeProcess => ({ cpu: [5, 0, reaped, 0] });

const family = (pssKb: number): Record<number, FakeProcess> => ({
  100: { rssKb: 100, peakKb: 100, pssKb },
  101: { parent: 100, rssKb: 100, peakKb: 100, pssKb },
  102: { parent: 100, state: 'Z' },
});

test('CPU time is that of all members and of the children they waited for', (t) => {
  const proc = writeProc(temporaryDirectory(t), {
    50: { cpu: [900, 0, 900, 0] },
    100: { parent: 50, cpu: [1, 2, 3, 4] },
    101: { parent: 100, group: 100, cpu: [10, 20, 0, 0] },
    102: { parent: 101, group: 102, cpu: [100, 200, 0, 0] },
  });
  assert.equal(new ProcessTree(proc, ROOT, 't').sample(0)?.cpuUs, 340 * 10_000);
});

test('the time of a child that ended is counted once: when its parent took it over, and when nobody did', (t) => {
  const directory = temporaryDirectory(t);
  const samples = (...steps: Record<number, FakeProcess>[]): (number | null | undefined)[] => {
    const tree = new ProcessTree(writeProc(directory, {}), ROOT, 't');
    return steps.map((processes, index) => {
      writeProc(directory, processes);
      return tree.sample(index * 1000)?.cpuUs;
    });
  };
  // Waited for by the root.
  assert.deepEqual(
    samples({ 100: root(0), 101: { parent: 100, cpu: [7, 0, 0, 0] } }, { 100: root(8) }),
    [120_000, 130_000],
  );
  // Through a parent that ended as well, between two samples.
  const both = { 101: { parent: 100, cpu: [7, 0, 0, 0] }, 102: { parent: 101, cpu: [2, 0, 0, 0] } } as const;
  assert.deepEqual(samples({ 100: root(0), ...both }, { 100: root(9) }), [140_000, 140_000]);
  // An orphan: its parent ended first, init took it over and waited for it.
  assert.deepEqual(
    samples(
      { 100: root(0), ...both },
      { 100: root(7), 102: { parent: 1, cpu: [3, 0, 0, 0] } },
      { 100: root(7) },
      { 100: { cpu: [6, 0, 7, 0] } },
    ),
    [140_000, 150_000, 150_000, 160_000],
  );
});

test('CPU time never falls, although the files are not read at one instant', (t) => {
  const directory = temporaryDirectory(t);
  const tree = new ProcessTree(writeProc(directory, { 100: {}, 101: { parent: 100, cpu: [9, 0, 0, 0] } }), ROOT, 't');
  assert.equal(tree.sample(0)?.cpuUs, 90_000);
  writeProc(directory, { 100: {} });
  assert.equal(tree.sample(1)?.cpuUs, 90_000);
  writeProc(directory, { 100: { cpu: [0, 0, 12, 0] } });
  assert.equal(tree.sample(2)?.cpuUs, 120_000);
});

test('living threads are counted to the microsecond; ended ones are known from the ticks', (t) => {
  const directory = temporaryDirectory(t);
  const tree = new ProcessTree(writeProc(directory, {}), ROOT, 't');
  const cpuUs = (fake: FakeProcess): number | null | undefined => {
    writeProc(directory, { 100: fake });
    return tree.sample(0)?.cpuUs;
  };
  assert.equal(cpuUs({ cpu: [1, 0, 4, 0], threadsNs: [11_000_000, 2_345_000] }), 53_345);
  assert.equal(cpuUs({ cpu: [2, 1, 4, 0], threadsNs: [11_000_000] }), 70_000);
});

test('memory of one process is what ps shows, with the peak of the kernel', (t) => {
  const proc = writeProc(temporaryDirectory(t), { 100: { rssKb: 10, peakKb: 40, pssKb: 5 }, 200: { rssKb: 999 } });
  const sample = new ProcessTree(proc, ROOT, 't').sample(0);
  assert.equal(sample?.memoryBytes, 10_240);
  assert.equal(sample.memoryPeakBytes, 40_960);
  assert.equal(sample.throttledMs, null);
});

test('memory of several counts shared pages once; the peak is the highest sample; zombies have none', (t) => {
  const directory = temporaryDirectory(t);
  const tree = new ProcessTree(writeProc(directory, family(60)), ROOT, 't');
  assert.equal(tree.sample(0)?.memoryBytes, 120 * 1024);
  writeProc(directory, family(20));
  const later = tree.sample(1);
  assert.equal(later?.memoryBytes, 40 * 1024);
  assert.equal(later.memoryPeakBytes, 120 * 1024);
});

test('within a window memory is what resident sets grew by since the last exact look, once a second', (t) => {
  const directory = temporaryDirectory(t);
  const tree = new ProcessTree(writeProc(directory, family(60)), ROOT, 't');
  assert.equal(tree.sample(0)?.memoryBytes, 120 * 1024);
  const grown = family(60);
  writeProc(directory, { ...grown, 101: { ...grown[101], rssKb: 140, pssKb: 999 } });
  const light = tree.lightSample(10);
  assert.deepEqual([light?.memoryBytes, light?.cpuUs], [160 * 1024, null], 'and no thread or map is looked at');
  assert.equal(tree.lightSample(500)?.memoryBytes, null);
  assert.equal(tree.lightSample(1010)?.memoryBytes, 160 * 1024);
  writeProc(directory, family(20));
  assert.equal(tree.sample(2000)?.memoryPeakBytes, 160 * 1024);
  writeProc(directory, { 100: { start: 777 } });
  assert.equal(tree.lightSample(4000), null, 'its pid is another process now');
});

test('an account counts what the members would be read for, and every newcomer joins it', (t) => {
  const directory = temporaryDirectory(t);
  const joined: number[] = [];
  const account = { join: (pid: number) => void joined.push(pid), cpuUs: () => 12_345, throttledMs: () => null };
  const tree = new ProcessTree(writeProc(directory, { 100: {} }), ROOT, 't', account);
  assert.equal(tree.lightSample(0)?.cpuUs, 12_345);
  writeProc(directory, { 100: { cpu: [900, 0, 0, 0] }, 101: { parent: 100 } });
  assert.equal(tree.sample(1)?.cpuUs, 12_345);
  tree.sample(2);
  assert.deepEqual(joined, [100, 101]);
});

test('memory that cannot be read is unknown, never 0', (t) => {
  const proc = writeProc(temporaryDirectory(t), { 100: {}, 300: { parent: 1 } });
  const sample = new ProcessTree(proc, ROOT, 't').sample(0);
  assert.equal(sample?.memoryBytes, null);
  assert.equal(sample.memoryPeakBytes, null);
});

test('a member that leaves its parent and its group stays a member; a new scan finds newcomers', (t) => {
  const directory = temporaryDirectory(t);
  const tree = new ProcessTree(writeProc(directory, { 100: {}, 101: { parent: 100, group: 100 } }), ROOT, 't');
  tree.sample(0);
  const moved = { 100: {}, 101: { parent: 1, group: 101, cpu: [3, 0, 0, 0] } } as const;
  writeProc(directory, { ...moved, 105: { parent: 101, cpu: [50, 0, 0, 0] } });
  assert.equal(tree.sample(1000)?.cpuUs, 530_000);
});

test('a recycled pid is a stranger, and so is the group it leads', (t) => {
  const directory = temporaryDirectory(t);
  const tree = new ProcessTree(writeProc(directory, { 100: {}, 101: { parent: 100 } }), ROOT, 't');
  tree.sample(0);
  writeProc(directory, { 100: { start: 777 }, 101: { start: 778 }, 102: { parent: 100, group: 100 } });
  assert.equal(tree.isGone(), true);
  assert.equal(tree.sample(5000), null);
});

test('the mark finds what left no other trace', (t) => {
  const directory = temporaryDirectory(t);
  const stray: FakeProcess = { parent: 1, environment: `PATH=/bin\0${MARKER}=t\0` };
  assert.equal(new ProcessTree(writeProc(directory, { 400: stray }), null, 't').isGone(), false);
  assert.equal(new ProcessTree(writeProc(directory, { 400: stray }), null, 'u').isGone(), true);
  assert.equal(new ProcessTree(writeProc(directory, { 400: { ...stray, state: 'Z' } }), null, 't').isGone(), true);
});
