import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { CpuAccounts } from '#src/runtime/process/cpu-account.js';
import { temporaryDirectory } from './support.js';

function write(root: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

test('v1: a hierarchy of cpuacct alone counts, in nanoseconds', (t) => {
  const root = write(temporaryDirectory(t), {
    'self/cgroup': '4:memory:/m\n2:cpuacct:/slice\n1:cpu:/\n0::/\n',
    'cpuacct/slice/cpuacct.usage': '1',
  });
  const account = CpuAccounts.open(root, root)?.create('token');
  assert.ok(account);
  assert.equal(account.cpuUs(), null, 'a real group has its file at once');
  write(root, { 'cpuacct/slice/crabllm-bench-token/cpuacct.usage': '2500000\n' });
  account.join(77);
  assert.equal(readFileSync(join(root, 'cpuacct/slice/crabllm-bench-token/cgroup.procs'), 'utf8'), '77');
  assert.equal(account.cpuUs(), 2500);
});

test('v1: cpuacct together with cpu would change how services race, and is left alone', (t) => {
  const root = write(temporaryDirectory(t), {
    'self/cgroup': '2:cpu,cpuacct:/slice\n',
    'cpu,cpuacct/slice/cpuacct.usage': '1',
  });
  assert.equal(CpuAccounts.open(root, root), null);
});

test('v2: every group counts, unless the parent hands the cpu controller down', (t) => {
  const root = write(temporaryDirectory(t), {
    'self/cgroup': '0::/user\n',
    'user/cgroup.subtree_control': 'memory pids\n',
  });
  const account = CpuAccounts.open(root, root)?.create('token');
  write(root, { 'user/crabllm-bench-token/cpu.stat': 'usage_usec 4242\nuser_usec 1\n' });
  assert.equal(account?.cpuUs(), 4242);
  write(root, { 'user/cgroup.subtree_control': 'cpu memory\n' });
  assert.equal(CpuAccounts.open(root, root), null);
});

test('where no group may be made there is none', (t) => {
  const root = write(temporaryDirectory(t), { 'self/cgroup': '0::/user\n' });
  assert.equal(CpuAccounts.open(root, root), null, 'not mounted');
  write(root, { 'user/cgroup.subtree_control': '', 'user/crabllm-bench-taken': '' });
  assert.equal(CpuAccounts.open(root, root)?.create('taken'), null);
});

test('groups left behind are removed, as far as they are empty; what is not ours stays', (t) => {
  const root = write(temporaryDirectory(t), {
    'self/cgroup': '0::/\n',
    'cgroup.subtree_control': '',
    'crabllm-bench-busy/cgroup.procs': '1',
  });
  const accounts = CpuAccounts.open(root, root);
  accounts?.create('gone');
  mkdirSync(join(root, 'other'));
  accounts?.sweep();
  assert.deepEqual(
    readdirSync(root, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? entry.name : [])),
    ['crabllm-bench-busy', 'other', 'self'],
  );
  rmSync(join(root, 'crabllm-bench-busy'), { recursive: true });
});
