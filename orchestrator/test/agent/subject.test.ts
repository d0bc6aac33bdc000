import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { lookAt } from '#src/agent/subject.js';

const root = mkdtempSync(join(tmpdir(), 'subject-'));
after(() => rmSync(root, { recursive: true }));

/** A Pod as a container of it sees its processes: what holds it, this program with a child, and a target of two processes. */
function pod(name: string, withGroup: boolean): string {
  const proc = join(root, name);
  const put = (pid: number, comm: string, parent: number, ticks: number, rssKib: number): void => {
    const directory = join(proc, `${pid}`);
    mkdirSync(directory, { recursive: true });
    const zeros = (count: number): string => Array(count).fill('0').join(' ');
    writeFileSync(
      join(directory, 'stat'),
      `${pid} (${comm}) S ${parent} 1 1 ${zeros(7)} ${ticks} 0 0 0 ${zeros(4)} 7 ${zeros(30)}\n`,
    );
    writeFileSync(join(directory, 'status'), `VmHWM:\t${rssKib} kB\nVmRSS:\t${rssKib} kB\n`);
    writeFileSync(join(directory, 'smaps_rollup'), `Pss: ${rssKib} kB\n`);
  };
  put(1, 'pause', 0, 1, 4);
  put(process.pid, 'node', 1, 500, 90_000);
  put(process.pid + 1, 'sh', process.pid, 500, 1000);
  put(21, 'gateway', 0, 30, 2000);
  put(22, 'gateway', 21, 12, 1000);
  if (withGroup) {
    const group = join(proc, '21/root/sys/fs/cgroup');
    mkdirSync(group, { recursive: true });
    writeFileSync(join(group, 'cpu.stat'), 'usage_usec 420000\nthrottled_usec 5000\n');
    writeFileSync(join(group, 'cgroup.procs'), '21\n22\n');
  }
  return proc;
}

/** What a container finds below /sys/fs/cgroup of itself, of containerd on either version. */
const RECORDED = [
  {
    version: '1',
    group: {
      'cpu/cpu.stat': 'nr_periods 4611\nnr_throttled 4300\nthrottled_time 204732981582\nnr_bursts 0\nburst_time 0\n',
      'cpuacct/cpuacct.usage': '90929047779\n',
      'cpuacct/cgroup.procs': '21\n',
      'memory/memory.usage_in_bytes': '17903616\n',
      'memory/memory.max_usage_in_bytes': '18161664\n',
      'memory/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 0\n',
      'memory/memory.stat':
        'cache 4485120\nrss 12324864\nmapped_file 2351104\ninactive_file 0\nactive_file 4485120\ntotal_cache 4485120\ntotal_inactive_file 4096\n',
    },
    want: {
      cpuUs: 90_929_047.779,
      memoryBytes: 17_899_520,
      memoryPeakBytes: 18_161_664,
      throttledMs: 204_732.981_581_999_98,
      memoryKills: 0,
    },
  },
  {
    version: '2',
    group: {
      'cpu.stat':
        'usage_usec 6024318\nuser_usec 4903021\nsystem_usec 1121297\ncore_sched.force_idle_usec 0\nnr_periods 311\nnr_throttled 24\nthrottled_usec 1840250\nnr_bursts 0\nburst_usec 0\n',
      'cgroup.procs': '21\n',
      'memory.current': '98304000\n',
      'memory.peak': '120000512\n',
      'memory.stat': 'anon 83886080\nfile 8192000\nkernel 4096000\ninactive_file 4096000\nactive_file 4096000\n',
      'memory.events': 'low 0\nhigh 0\nmax 41\noom 3\noom_kill 2\noom_group_kill 0\n',
    },
    want: {
      cpuUs: 6_024_318,
      memoryBytes: 94_208_000,
      memoryPeakBytes: 120_000_512,
      throttledMs: 1840.25,
      memoryKills: 2,
    },
  },
] as const;

describe('what a watching agent looks at', () => {
  test('beside it in a Pod: all but itself and what holds the Pod, with the quota of their group', () => {
    const { look, unknown } = lookAt({ of: 'others' }, { proc: pod('pod', true) });
    const sample = look('whole', 5) ?? assert.fail();
    assert.deepEqual([sample.atMs, sample.cpuUs, sample.memoryBytes, sample.throttledMs], [5, 420_000, 3000 * 1024, 5]);
    assert.deepEqual(unknown(), []);
  });

  for (const { version, group, want } of RECORDED)
    test(`a container's own control group, as recorded of version ${version}`, () => {
      const proc = pod(`recorded-${version}`, false);
      rmSync(join(proc, '22'), { recursive: true });
      const put = (path: string, text: string): void => {
        mkdirSync(dirname(join(proc, '21', path)), { recursive: true });
        writeFileSync(join(proc, '21', path), text);
      };
      for (const [path, text] of Object.entries(group)) put(`root/sys/fs/cgroup/${path}`, text);
      const { look, unknown } = lookAt({ of: 'others' }, { proc });
      assert.deepEqual(look('whole', 0), { atMs: 0, ...want });
      // Within a window nobody is looked for, and memory is read once a second.
      rmSync(join(proc, '21/stat'));
      const { memoryKills: _kills, ...light } = want;
      assert.deepEqual(look('light', 500), { atMs: 500, ...light, memoryBytes: null, memoryPeakBytes: null });
      assert.deepEqual(look('light', 1000), { atMs: 1000, ...light });
      assert.deepEqual(unknown(), []);
    });

  test('the groups of a whole node, mounted into a container, are not taken for its own', () => {
    const proc = pod('node', true);
    writeFileSync(join(proc, '21/root/sys/fs/cgroup/cgroup.procs'), '1\n2\n');
    assert.equal(lookAt({ of: 'others' }, { proc }).look('whole', 5)?.throttledMs, null);
  });

  test('where the group may not be read the figure is null, with the reason', () => {
    const { look, unknown } = lookAt({ of: 'others' }, { proc: pod('closed', false) });
    assert.equal(look('whole', 5)?.throttledMs, null);
    assert.deepEqual(
      unknown().map(({ code }) => code),
      ['no-throttled'],
    );
    const alone = lookAt({ of: 'others' }, { proc: join(root, 'nothing') });
    assert.equal(alone.look('whole', 5), null);
    assert.match(alone.unknown()[0]?.message ?? '', /the Pod does not share its processes/);
  });

  test('CPU time of a process that ended is not lost', () => {
    const proc = pod('ending', false);
    const { look } = lookAt({ of: 'others' }, { proc });
    assert.equal(look('whole', 0)?.cpuUs, 420_000);
    rmSync(join(proc, '22'), { recursive: true });
    assert.equal(look('light', 1)?.cpuUs, 420_000);
  });

  test('a control group of either version, and none', () => {
    const v2 = join(root, 'v2');
    mkdirSync(v2);
    writeFileSync(join(v2, 'cpu.stat'), 'usage_usec 7\nthrottled_usec 2000\n');
    assert.deepEqual(
      [lookAt({ of: 'cgroup', path: v2 }).look('light', 0)].map((sample) => [sample?.cpuUs, sample?.throttledMs]),
      [[7, 2]],
    );
    mkdirSync(join(root, 'v1/cpuacct/pod'), { recursive: true });
    writeFileSync(join(root, 'v1/cpuacct/pod/cpuacct.usage'), '9000\n');
    assert.equal(lookAt({ of: 'cgroup', path: 'pod' }, { cgroup: join(root, 'v1') }).look('light', 0)?.cpuUs, 9);
    const none = lookAt({ of: 'cgroup', path: '/nowhere' });
    assert.equal(none.look('whole', 0), null);
    assert.deepEqual(
      none.unknown().map(({ code }) => code),
      ['no-cpu', 'no-memory', 'no-throttled'],
    );
  });

  test('a process of this host, and one that is not there', { skip: process.platform !== 'linux' }, () => {
    const child = spawn('sleep', ['60']);
    try {
      const { look, unknown } = lookAt({ of: 'process', pid: child.pid ?? assert.fail() });
      assert.ok((look('whole', 0)?.memoryBytes ?? 0) > 0);
      assert.deepEqual(
        unknown().map(({ code }) => code),
        ['no-throttled'],
      );
    } finally {
      child.kill();
    }
    const gone = lookAt({ of: 'process', pid: 2 ** 22 + 1 });
    assert.equal(gone.look('whole', 0), null);
    assert.deepEqual(
      gone.unknown().map(({ code }) => code),
      ['no-cpu', 'no-throttled'],
    );
  });
});
