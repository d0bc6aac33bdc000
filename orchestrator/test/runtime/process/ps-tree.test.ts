import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { BenchHome } from '#src/runtime/process/bench-home.js';
import { ProcFs } from '#src/runtime/process/procfs.js';
import { ProcessRuntime } from '#src/runtime/process/process-runtime.js';
import { parseCpuTime, parsePs, PsTree } from '#src/runtime/process/ps-tree.js';
import { serviceOf } from './support.js';

const MIB = 2 ** 20;

/** A `ps` that prints what is given; the file may be written anew between two looks. */
function fakePs(t: TestContext, script: string): (lines: readonly string[]) => void {
  const directory = mkdtempSync(join(tmpdir(), 'ps-'));
  const table = join(directory, 'table');
  writeFileSync(join(directory, 'ps'), script.replace('TABLE', table), { mode: 0o755 });
  const before = process.env['PATH'] ?? '';
  process.env['PATH'] = [directory, before].join(delimiter);
  t.after(() => (process.env['PATH'] = before));
  return (lines) => writeFileSync(table, `${lines.join('\n')}\n`);
}

const PRINTS = '#!/bin/sh\ncat TABLE\n';

test('CPU time as macOS and as POSIX write it', () => {
  assert.equal(parseCpuTime('0:00.07'), 70_000);
  assert.equal(parseCpuTime('61:02.50'), 3_662_500_000);
  assert.equal(parseCpuTime('00:00:03'), 3_000_000);
  assert.equal(parseCpuTime('1-02:03:04'), (26 * 3600 + 3 * 60 + 4) * 1_000_000);
  for (const text of ['', '-', '12', '1:2', 'a:bc']) assert.equal(parseCpuTime(text), null, text);
});

test('lines that are no process are passed over', () => {
  assert.deepEqual(parsePs('  PID PPID PGID RSS TIME\n  10 1 10 2048 0:01.00 \n\n 11 1 ? 5 0:00.00\n'), [
    { pid: 10, parentPid: 1, groupId: 10, residentBytes: 2 * MIB, cpuUs: 1_000_000 },
  ]);
});

test('one process has CPU time and memory, of several memory is not known, and an ended one’s time is kept', async (t) => {
  const print = fakePs(t, PRINTS);
  const tree = new PsTree(10);
  print(['1 0 1 900 9:00.00', '10 1 10 2048 0:01.00', '77 1 77 9999 5:00.00']);
  assert.deepEqual(await tree.sample(1), {
    atMs: 1,
    cpuUs: 1_000_000,
    memoryBytes: 2 * MIB,
    memoryPeakBytes: null,
    throttledMs: null,
  });
  // A worker in its group, and one that left the group and is known by its parent.
  print(['10 1 10 2048 0:01.00', '12 10 10 1024 0:00.50', '13 12 13 1024 0:00.25']);
  const several = await tree.sample(2);
  assert.deepEqual([several?.cpuUs, several?.memoryBytes], [1_750_000, null]);
  print(['10 1 10 2048 0:01.25']);
  const ended = await tree.sample(3);
  assert.deepEqual([ended?.cpuUs, ended?.memoryBytes], [2_000_000, 2 * MIB]);
  print(['1 0 1 900 9:00.00']);
  assert.equal(await tree.sample(4), null, 'the first process has gone');
});

test('a ps that fails says nothing, and nothing crashes', async (t) => {
  fakePs(t, '#!/bin/sh\nexit 1\n');
  assert.equal(await new PsTree(10).sample(1), null);
});

test('without /proc a service starts, is looked at outside of windows alone, and stops', async (t) => {
  const print = fakePs(t, PRINTS);
  const home = mkdtempSync(join(tmpdir(), 'home-'));
  const runtime = new ProcessRuntime({
    home: new BenchHome(home),
    stopTimes: { termMs: 200, killMs: 5000 },
    proc: new ProcFs(join(home, 'no-proc')),
  });
  t.after(() => runtime.close());
  const signal = new AbortController().signal;
  const script = 'console.log(process.pid); setInterval(() => {}, 1000)';
  const service = serviceOf(1, { command: ['{node}', '-e', script] });
  const running = await runtime.start(service, signal);
  let pid = '';
  while (pid === '') {
    pid = (await running.logs()).trim();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  print([`${pid} 1 ${pid} 4096 0:00.10`]);
  assert.equal(await running.sample('light'), null);
  const sample = await running.sample('whole');
  assert.deepEqual([sample?.cpuUs, sample?.memoryBytes], [100_000, 4 * MIB]);
  assert.equal(await runtime.sweep(), 0);
  await running.stop();
  const { signal: by, outOfMemory } = await running.exited;
  assert.deepEqual([by, outOfMemory], ['SIGTERM', false]);
});
