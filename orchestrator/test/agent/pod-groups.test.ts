import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { PodGroups } from '#src/agent/pod-groups.js';

const root = mkdtempSync(join(tmpdir(), 'pod-groups-'));
after(() => rmSync(root, { recursive: true }));

const ONE = '0a1b2c3d-0000-4000-8000-000000000001';
const OTHER = '0a1b2c3d-0000-4000-8000-000000000002';

function put(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

/** A node of version 2 under systemd: two Pods, the first with two containers. */
function unified(): string {
  const node = join(root, 'unified');
  put(node, { 'cgroup.controllers': 'cpu memory' });
  const under = (uid: string): string =>
    join(node, 'kubepods.slice/kubepods-burstable.slice', `kubepods-burstable-pod${uid.replaceAll('-', '_')}.slice`);
  const group = (cpuUs: number, throttledUs: number, memory: number) => ({
    'cpu.stat': `usage_usec ${cpuUs}\nthrottled_usec ${throttledUs}\n`,
    'memory.current': `${memory}\n`,
    'memory.stat': 'inactive_file 100\n',
    'memory.peak': `${memory + 50}\n`,
    'memory.events': 'oom_kill 2\n',
  });
  put(under(ONE), group(5000, 0, 1100));
  put(join(under(ONE), 'cri-containerd-aa.scope'), group(3000, 7000, 600));
  put(join(under(ONE), 'cri-containerd-bb.scope'), group(2000, 1000, 500));
  put(under(OTHER), group(90, 9000, 300));
  put(join(under(OTHER), 'cri-containerd-cc.scope'), group(90, 2000, 300));
  return node;
}

/** One of version 1 with the driver cgroupfs, within the group of a container that is the node. */
function split(): string {
  const node = join(root, 'split');
  const path = join('docker/node2/kubelet/kubepods', `pod${ONE}`);
  const within = (controller: string, name: string, files: Readonly<Record<string, string>>): void =>
    put(join(node, controller, path, name), files);
  for (const name of ['', 'aa']) {
    within('cpuacct', name, { 'cpuacct.usage': `${name === '' ? 8_000_000 : 7_000_000}\n` });
    within('cpu', name, { 'cpu.stat': `throttled_time ${name === '' ? 0 : 4_000_000}\n` });
    within('memory', name, {
      'memory.usage_in_bytes': '900\n',
      'memory.stat': 'total_inactive_file 200\n',
      'memory.max_usage_in_bytes': '1000\n',
      'memory.oom_control': `oom_kill ${name === '' ? 0 : 1}\n`,
    });
  }
  return node;
}

describe('the control groups of a node’s Pods', () => {
  test('are found by the Pod’s UID, whatever its kubelet calls them, and count what its containers were throttled', () => {
    assert.deepEqual(new PodGroups(unified()).of([ONE]).look('whole', 1), {
      atMs: 1,
      cpuUs: 5000,
      memoryBytes: 1000,
      memoryPeakBytes: 1150,
      throttledMs: 8,
      memoryKills: 2,
    });
    assert.deepEqual(new PodGroups(split()).of([ONE]).look('whole', 1), {
      atMs: 1,
      cpuUs: 8000,
      memoryBytes: 700,
      memoryPeakBytes: 1000,
      throttledMs: 4,
      memoryKills: 1,
    });
  });

  test('of several Pods are added up, but for a peak that each has had at a time of its own', () => {
    const sample = new PodGroups(unified()).of([ONE, OTHER]).look('whole', 1);
    assert.deepEqual([sample?.cpuUs, sample?.memoryBytes, sample?.memoryPeakBytes], [5090, 1200, null]);
  });

  test('whose own group stands still together with a container’s count that once', () => {
    assert.equal(new PodGroups(unified()).of([OTHER]).look('whole', 1)?.throttledMs, 9);
  });

  test('are read within a window where they are known, and not sought', () => {
    const groups = new PodGroups(unified());
    assert.equal(groups.of([ONE]).look('light', 1), null);
    groups.of([ONE]).look('whole', 2);
    const light = groups.of([ONE]).look('light', 3);
    assert.deepEqual([light?.cpuUs, light?.memoryBytes, light?.throttledMs], [5000, null, 8]);
  });

  test('that are not there give no figure, and the reason', () => {
    const look = new PodGroups(unified()).of([ONE, 'gone']);
    assert.equal(look.look('whole', 1), null);
    assert.match(look.unknown()[0]?.message ?? '', /there is no control group of the Pod gone: CPU, memory/);
    assert.equal(new PodGroups(join(root, 'nowhere')).of([ONE]).look('whole', 1), null);
  });
});
