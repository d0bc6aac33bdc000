import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { ControlGroups } from '#src/runtime/process/control-groups.js';
import { temporaryDirectory } from './support.js';

function write(root: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const UNBOUNDED = { cpus: null, memoryBytes: null };
const V1 = '4:memory:/m\n3:cpu:/c\n2:cpuacct:/slice\n0::/\n';
const FILES_V1 = {
  'self/cgroup': V1,
  'cpuacct/slice/cpuacct.usage': '1',
  'cpu/c/cpu.shares': '1024',
  'memory/m/memory.limit_in_bytes': '9',
};

function open(root: string, hostCpus = 4): ControlGroups {
  return ControlGroups.open(root, root, hostCpus);
}

test('v1: a hierarchy of cpuacct alone counts, in nanoseconds, and nothing else is made where nothing bounds', (t) => {
  const root = write(temporaryDirectory(t), FILES_V1);
  const group = open(root).create('token', { cpus: 4, memoryBytes: null });
  assert.ok(group);
  assert.equal(group.cpuUs(), null, 'a real group has its file at once');
  write(root, { 'cpuacct/slice/crabllm-bench-token/cpuacct.usage': '2500000\n' });
  group.join(77);
  assert.equal(readFileSync(join(root, 'cpuacct/slice/crabllm-bench-token/cgroup.procs'), 'utf8'), '77');
  assert.deepEqual([group.cpuUs(), group.throttledMs(), group.memoryKills(), group.pids()], [2500, null, null, [77]]);
  assert.deepEqual(readdirSync(join(root, 'cpu/c')), ['cpu.shares']);
});

test('v1: limits are written where they bind, and what they did is read', (t) => {
  const root = write(temporaryDirectory(t), FILES_V1);
  const group = open(root).create('token', { cpus: 0.5, memoryBytes: 2 ** 29 });
  const [cpu, memory] = ['cpu/c', 'memory/m'].map((path) => join(root, path, 'crabllm-bench-token')) as [
    string,
    string,
  ];
  const setting = (directory: string, name: string): string => readFileSync(join(directory, name), 'utf8');
  assert.deepEqual(
    [setting(cpu, 'cpu.cfs_period_us'), setting(cpu, 'cpu.cfs_quota_us'), setting(cpu, 'cpu.shares')],
    ['100000', '50000', '1024'],
  );
  assert.equal(setting(memory, 'memory.limit_in_bytes'), String(2 ** 29));
  write(cpu, { 'cpu.stat': 'nr_periods 9\nnr_throttled 3\nthrottled_time 7000000\n' });
  write(memory, { 'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n' });
  assert.deepEqual([group?.throttledMs(), group?.memoryKills()], [7, 1]);
});

test('v1: cpuacct together with cpu would change how services race, and only a quota is worth that', (t) => {
  const root = write(temporaryDirectory(t), { 'self/cgroup': '2:cpu,cpuacct:/\n', 'cpu,cpuacct/cpu.shares': '1' });
  assert.equal(open(root).create('token', UNBOUNDED), null);
  assert.notEqual(open(root).create('token', { cpus: 1, memoryBytes: null }), null);
  assert.deepEqual(
    [open(root).canEnforce({ cpus: 1, memoryBytes: null }), open(root).canEnforce({ cpus: 1, memoryBytes: 1 })],
    [true, false],
  );
});

test('v2: every group counts, unless the parent hands the cpu controller down', (t) => {
  const root = write(temporaryDirectory(t), {
    'self/cgroup': '0::/user\n',
    'user/cgroup.subtree_control': 'memory pids\n',
  });
  const group = open(root).create('token', UNBOUNDED);
  write(root, { 'user/crabllm-bench-token/cpu.stat': 'usage_usec 4242\nuser_usec 1\n' });
  assert.equal(group?.cpuUs(), 4242);
  write(root, { 'user/cgroup.subtree_control': 'cpu memory\n' });
  assert.equal(open(root).create('other', UNBOUNDED), null);
});

test('v2: limits are set below the root, where controllers are handed down', (t) => {
  const root = write(temporaryDirectory(t), {
    'self/cgroup': '0::/user\n',
    'cgroup.subtree_control': 'cpuset cpu io memory pids\n',
    'user/cgroup.subtree_control': '',
  });
  const group = open(root).create('token', { cpus: 2, memoryBytes: 2 ** 20 });
  const own = join(root, 'crabllm-bench-token');
  const settings = ['cpu.max', 'cpu.weight', 'memory.max', 'memory.swap.max'];
  assert.deepEqual(
    settings.map((name) => readFileSync(join(own, name), 'utf8')),
    ['200000 100000', '200', '1048576', '0'],
  );
  write(own, { 'cpu.stat': 'usage_usec 9\nthrottled_usec 2500\n', 'memory.events': 'oom 2\noom_kill 1\n' });
  assert.deepEqual([group?.cpuUs(), group?.throttledMs(), group?.memoryKills()], [9, 2.5, 1]);
  assert.deepEqual([open(root, 2).canEnforce({ cpus: 2, memoryBytes: null })], [true], 'all CPUs that there are');
});

test('where no group may be made there is none, and limits are not enforced', (t) => {
  const root = write(temporaryDirectory(t), { 'self/cgroup': '0::/user\n' });
  assert.equal(open(root).create('token', UNBOUNDED), null, 'not mounted');
  assert.equal(open(root).canEnforce({ cpus: 1, memoryBytes: 1 }), false);
  write(root, { 'user/cgroup.subtree_control': '', 'user/crabllm-bench-taken': '' });
  assert.equal(open(root).create('taken', UNBOUNDED), null);
});

test('groups left behind are removed, as far as they are empty; what is not ours stays', (t) => {
  const root = write(temporaryDirectory(t), {
    'self/cgroup': '0::/\n',
    'cgroup.subtree_control': '',
    'crabllm-bench-busy/cgroup.procs': '1',
  });
  const groups = open(root);
  groups.create('gone', UNBOUNDED);
  mkdirSync(join(root, 'other'));
  groups.sweep();
  assert.deepEqual(
    readdirSync(root, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? entry.name : [])),
    ['crabllm-bench-busy', 'other', 'self'],
  );
});
