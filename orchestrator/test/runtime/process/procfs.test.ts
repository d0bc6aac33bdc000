import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProcFs, parseProcessStat } from '#src/runtime/process/procfs.js';
import { statLine, temporaryDirectory, writeProc } from './support.js';

test('reads a real line', () => {
  const line =
    '20382 (cat) R 20351 20350 14185 0 -1 4194304 100 0 0 0 7 5 11 13 20 0 1 0 459441 3133440 414 18446744073709551615 94150214057984 0 0';
  assert.deepEqual(parseProcessStat(line), {
    pid: 20382,
    name: 'cat',
    state: 'R',
    parentPid: 20351,
    groupId: 20350,
    sessionId: 14185,
    cpuTicks: 12,
    reapedCpuTicks: 24,
    startTicks: 459441,
  });
});

test('a name may hold anything, also what looks like the end of a name', () => {
  const names = fc.oneof(fc.string(), fc.constantFrom(') R 1 1 1', '((', 'a b', '(sd-pam)', 'x) (y', '\n', ''));
  fc.assert(
    fc.property(fc.nat(4194304), names, fc.nat(), fc.nat(), (pid, name, parent, start) => {
      const stat = parseProcessStat(statLine(pid, { name, parent, start, cpu: [1, 2, 3, 4] }));
      assert.equal(stat?.pid, pid);
      assert.equal(stat.name, name);
      assert.equal(stat.parentPid, parent);
      assert.equal(stat.startTicks, start);
      assert.equal(stat.cpuTicks, 3);
      assert.equal(stat.reapedCpuTicks, 7);
    }),
  );
});

test('whatever is not such a line is null', () => {
  fc.assert(fc.property(fc.string(), (text) => parseProcessStat(text) === null));
  for (const text of [
    '',
    '1 (x)',
    '1 (x) S',
    ') (',
    '1 (x) S 1 1 1',
    'a (x) S 1 1 1 0 0 0 0 0 0 0 1 1 1 1 0 0 0 0 5',
  ]) {
    assert.equal(parseProcessStat(text), null, text);
  }
});

test('memory, environment and what is missing', (t) => {
  const proc = writeProc(temporaryDirectory(t), { 7: { rssKb: 10, peakKb: 30, pssKb: 4, environment: 'A=1\0B=2\0' } });
  assert.deepEqual(proc.residentBytes(7), { now: 10_240, peak: 30_720 });
  assert.equal(proc.proportionalBytes(7), 4096);
  assert.equal(proc.hasEnvironment(7, 'B', '2'), true);
  assert.equal(proc.hasEnvironment(7, 'B', ''), false);
  assert.equal(proc.hasEnvironment(8, 'A', '1'), false);
  assert.equal(proc.residentBytes(8), null);
  assert.equal(proc.outOfMemoryKills(), null);
  assert.deepEqual(proc.pids(), [7]);
});

test('without /proc there is nothing, and it says so', () => {
  const proc = new ProcFs('/nonexistent');
  assert.equal(proc.available, false);
  assert.deepEqual(proc.pids(), []);
  assert.equal(proc.bootId(), null);
});

test('finds who listens on a port, by the socket and not by the port of a connection', (t) => {
  const directory = temporaryDirectory(t);
  const proc = writeProc(directory, { 7: { name: 'client' }, 9: { name: 'server' } });
  mkdirSync(join(directory, 'net'));
  writeFileSync(
    join(directory, 'net/tcp'),
    `  sl  local_address\n${socketLine('1A0A', '01', 70)}${socketLine('1A0A', '0A', 90)}${socketLine('1A0B', '0A', 71)}`,
  );
  for (const [pid, inode] of [
    [7, 70],
    [9, 90],
  ]) {
    mkdirSync(join(directory, `${pid}/fd`));
    symlinkSync(`socket:[${inode}]`, join(directory, `${pid}/fd/3`));
  }
  const inodes = proc.listeningInodes(0x1a0a);
  assert.deepEqual([...inodes], ['90']);
  assert.equal(proc.socketHolder(inodes)?.name, 'server');
  assert.equal(proc.socketHolder(new Set()), null);
});

/** A line of /proc/net/tcp. */
function socketLine(port: string, state: string, inode: number): string {
  return `   0: 0100007F:${port} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0\n`;
}
