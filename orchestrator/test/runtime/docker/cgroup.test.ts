import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { findCgroup, sampleCgroup, workingSet } from '#src/runtime/docker/cgroup.js';

const ID = 'ab'.repeat(32);

async function tree(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'cgroup-'));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return root;
}

const v2Files = (path: string): Record<string, string> => ({
  [`${path}/cpu.stat`]: 'usage_usec 1500\nuser_usec 1000\nnr_periods 10\nnr_throttled 2\nthrottled_usec 2500\n',
  [`${path}/memory.current`]: '1000\n',
  [`${path}/memory.peak`]: '5000\n',
  [`${path}/memory.stat`]: 'anon 600\nfile 400\ninactive_file 300\nactive_file 100\n',
});

for (const [driver, path] of [
  ['systemd', `system.slice/docker-${ID}.scope`],
  ['cgroupfs', `docker/${ID}`],
] as const) {
  test(`v2 with the ${driver} driver`, async () => {
    const root = await tree(v2Files(path));
    const files = await findCgroup({ version: '2', containerId: ID, pid: 1, cgroupRoot: root, procRoot: root });
    assert.ok(files);
    const sample = sampleCgroup(files, 'whole');
    assert.deepEqual(
      { ...sample, atMs: 0 },
      { atMs: 0, cpuUs: 1500, memoryBytes: 700, memoryPeakBytes: 5000, throttledMs: 2.5 },
    );
    await rm(root, { recursive: true });
    assert.equal(sampleCgroup(files, 'whole'), null, 'the cgroup goes when its container ends');
  });
}

test('v2 of a rootless engine is found through the process, unless the pid is somebody else’s', async () => {
  const slice = `user.slice/user-1000.slice/user@1000.service/app.slice/docker-${ID}.scope`;
  const root = await tree({ ...v2Files(slice), '77/cgroup': `0::/${slice}\n`, '78/cgroup': '0::/system.slice/cron\n' });
  const query = { version: '2', containerId: ID, cgroupRoot: root, procRoot: root } as const;
  assert.deepEqual(await findCgroup({ ...query, pid: 77 }), { version: '2', directory: join(root, slice) });
  assert.equal(await findCgroup({ ...query, pid: 78 }), null);
});

test('v2 of an old kernel without memory.peak, and without a memory controller: unknown is null, not 0', async () => {
  const { [`docker/${ID}/memory.peak`]: _peak, ...files } = v2Files(`docker/${ID}`);
  const root = await tree(files);
  const found = await findCgroup({ version: '2', containerId: ID, pid: 1, cgroupRoot: root, procRoot: root });
  assert.ok(found);
  assert.equal(sampleCgroup(found, 'whole')?.memoryPeakBytes, null);
  await rm(join(root, `docker/${ID}/memory.stat`));
  await writeFile(join(root, `docker/${ID}/cpu.stat`), 'usage_usec 7\n');
  assert.deepEqual(
    { ...sampleCgroup(found, 'whole'), atMs: 0 },
    { atMs: 0, cpuUs: 7, memoryBytes: null, memoryPeakBytes: null, throttledMs: null },
  );
});

test('v1 has its controllers in separate trees and nanoseconds', async () => {
  const root = await tree({
    [`cpuacct/docker/${ID}/cpuacct.usage`]: '1500000\n',
    [`cpu/docker/${ID}/cpu.stat`]: 'nr_periods 10\nnr_throttled 2\nthrottled_time 2500000\n',
    [`memory/docker/${ID}/memory.usage_in_bytes`]: '1000\n',
    [`memory/docker/${ID}/memory.max_usage_in_bytes`]: '5000\n',
    [`memory/docker/${ID}/memory.stat`]: 'inactive_file 1\ntotal_inactive_file 300\n',
  });
  const files = await findCgroup({ version: '1', containerId: ID, pid: 1, cgroupRoot: root, procRoot: root });
  assert.ok(files);
  assert.deepEqual(
    { ...sampleCgroup(files, 'whole'), atMs: 0 },
    { atMs: 0, cpuUs: 1500, memoryBytes: 700, memoryPeakBytes: 5000, throttledMs: 2.5 },
  );
});

test('the working set is never negative and never guessed', () => {
  assert.equal(workingSet(100, 200), 0);
  assert.equal(workingSet(null, 1), null);
  assert.equal(workingSet(1, null), null);
});
