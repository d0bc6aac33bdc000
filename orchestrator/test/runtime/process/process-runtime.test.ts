import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { readTopology } from '#src/resources/cpu-topology.js';
import type { RunningService } from '#src/runtime/runtime.js';
import { ControlGroups } from '#src/runtime/process/control-groups.js';
import { ProcFs } from '#src/runtime/process/procfs.js';
import { RunRecords } from '#src/runtime/process/run-record.js';
import { sweepServices } from '#src/runtime/process/sweep.js';
import { VERSION } from '#src/version.js';
import { freePort } from '../../support/free-port.js';
import {
  fixture,
  isRunning,
  needsPinning,
  needsProc,
  NEVER,
  runtimeFor,
  serviceOf,
  temporaryDirectory,
  until,
  writeProc,
} from './support.js';

const family = (port: number) => serviceOf(port, { command: ['{node}', fixture('family.mjs'), fixture('family.mjs')] });

/** The process ids that family.mjs prints. */
async function familyPids(running: RunningService): Promise<number[]> {
  await until(async () => (await running.logs()).includes('\n'));
  return (await running.logs()).trim().split(' ').map(Number);
}

test(
  'stop ends a whole tree: who ignores SIGTERM, and who has left the group and lost its parent',
  needsProc,
  async (t) => {
    const { runtime, home } = runtimeFor(t);
    const running = await runtime.start(family(await freePort()), NEVER);
    const pids = await familyPids(running);
    assert.equal(pids.length, 3);
    assert.deepEqual(pids.map(isRunning), [true, true, true]);
    await Promise.all([running.stop(), running.stop()]);
    assert.deepEqual(pids.map(isRunning), [false, false, false]);
    assert.deepEqual(readdirSync(join(home, 'run')), []);
    assert.equal(await running.sample('whole'), null);
    await running.stop();
  },
);

test('a service runs on the CPUs that it is given, with all that it starts', needsPinning, async (t) => {
  const { runtime } = runtimeFor(t);
  const cpuset = String(readTopology()?.cpus.at(-1)?.id);
  const running = await runtime.start({ ...family(await freePort()), cpuset }, NEVER);
  const allowed = (await familyPids(running)).map(
    (pid) => /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1],
  );
  assert.deepEqual(allowed, [cpuset, cpuset, cpuset]);
});

test('close stops everything, twice is fine', needsProc, async (t) => {
  const { runtime } = runtimeFor(t);
  const pids = await familyPids(await runtime.start(family(await freePort()), NEVER));
  await runtime.close();
  await runtime.close();
  assert.deepEqual(pids.map(isRunning), [false, false, false]);
});

test('a sample counts the whole tree', needsProc, async (t) => {
  const { runtime } = runtimeFor(t);
  const running = await runtime.start(family(await freePort()), NEVER);
  const pids = await familyPids(running);
  const sample = await running.sample('whole');
  const proc = new ProcFs();
  const rootTicks = proc.stat(pids[0] ?? 0)?.cpuTicks ?? 0;
  assert.ok(sample?.cpuUs !== null && sample !== null && sample.cpuUs > rootTicks * 10_000);
  assert.ok(sample.memoryBytes !== null && sample.memoryBytes > 1_000_000);
  assert.equal(sample.throttledMs, null);
});

test('an end of its own is noticed, with code and last words', async (t) => {
  const { runtime } = runtimeFor(t);
  const service = serviceOf(await freePort(), { command: ['{node}', fixture('say.mjs'), 'exit', '7'] });
  const running = await runtime.start(service, NEVER);
  assert.deepEqual(await running.exited, { exitCode: 7, signal: null, outOfMemory: false });
  assert.equal(await running.logs(), 'going\n');
  await running.stop();
});

test('a kill from outside is noticed and not taken for want of memory', async (t) => {
  const { runtime } = runtimeFor(t);
  const running = await runtime.start(family(await freePort()), NEVER);
  const [root = 0] = await familyPids(running);
  process.kill(root, 'SIGKILL');
  assert.deepEqual(await running.exited, { exitCode: null, signal: 'SIGKILL', outOfMemory: false });
});

test('the log is bounded and holds the end', async (t) => {
  const { runtime } = runtimeFor(t);
  const running = await runtime.start(
    serviceOf(await freePort(), { command: ['{node}', fixture('say.mjs'), 'flood'] }),
    NEVER,
  );
  await until(async () => (await running.logs()).endsWith('the last words\n'));
  const log = await running.logs();
  assert.ok(log.length <= 256 * 1024 + 100, `${log.length}`);
  assert.match(log, /^\[\d+ earlier bytes dropped\]\n/);
});

test('it sees a scrubbed environment, its own folder and copies of the mounted files', async (t) => {
  process.env['SECRET_OF_THE_DEVELOPER'] = 'x';
  t.after(() => delete process.env['SECRET_OF_THE_DEVELOPER']);
  const hostPath = join(temporaryDirectory(t), 'host-name.toml');
  writeFileSync(hostPath, 'listen = 1');
  const { runtime } = runtimeFor(t);
  const port = await freePort();
  const service = serviceOf(
    port,
    { command: ['{node}', fixture('say.mjs'), '{config:/app/gw.toml}', '{port}'], environment: { MODE: 'bench' } },
    { mounts: [{ hostPath, containerPath: '/app/gw.toml' }], environment: { ONLY_IN_CONTAINERS: '1' } },
  );
  const running = await runtime.start(service, NEVER);
  assert.equal(running.url, `http://127.0.0.1:${port}`);
  await until(async () => (await running.logs()).includes('\n'));
  const said = JSON.parse(await running.logs());
  assert.deepEqual(said.args, [join(said.cwd, 'app/gw.toml'), String(port)]);
  assert.deepEqual(Object.values(said.files), ['listen = 1']);
  const names = Object.keys(said.env).filter((name) => name !== 'PYTHONUSERBASE');
  assert.deepEqual(names.sort(), ['CRABLLM_BENCH_RUN', 'HOME', 'LANG', 'MODE', 'PATH', 'TMPDIR']);
  assert.equal(said.env.HOME, said.cwd);
  await running.stop();
  assert.equal(existsSync(said.cwd), false);
});

test('it is told where the mock is, and has a port of its own for each name', async (t) => {
  const { runtime } = runtimeFor(t);
  const environment = {
    MOCK: '{mock-url} {mock-host}:{mock-port}',
    A: '{free-port:a}',
    B: '{free-port:b}',
    AGAIN: '{free-port:a}',
  };
  const command = ['{node}', fixture('say.mjs')];
  const running = await runtime.start(serviceOf(await freePort(), { command, environment }, { mockPort: 9801 }), NEVER);
  await until(async () => (await running.logs()).includes('\n'));
  const { MOCK, A, B, AGAIN } = JSON.parse(await running.logs()).env;
  assert.deepEqual([MOCK, AGAIN], ['http://127.0.0.1:9801 127.0.0.1:9801', A]);
  assert.ok(Number(A) > 0 && Number(B) > 0 && A !== B, `${A} ${B}`);
  await running.stop();
});

test('a port in use is refused before anything is started, naming the holder', needsProc, async (t) => {
  const { runtime, home } = runtimeFor(t);
  for (const host of ['127.0.0.1', '0.0.0.0']) {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    t.after(() => server.close());
    const { port } = server.address() as { port: number };
    await assert.rejects(runtime.start(family(port), NEVER), {
      code: 'port-in-use',
      message: `port ${port} is in use on 127.0.0.1 by ${new ProcFs().stat(process.pid)?.name} (pid ${process.pid}), and some-gateway needs it`,
    });
  }
  assert.equal(existsSync(join(home, 'run')), false);
});

test('what cannot be executed or copied is an error and leaves nothing', async (t) => {
  const { runtime, home } = runtimeFor(t);
  const port = await freePort();
  const broken = join(temporaryDirectory(t), 'broken');
  writeFileSync(broken, '#!/no/such/interpreter\n', { mode: 0o755 });
  await assert.rejects(runtime.start(serviceOf(port, { command: [broken] }), NEVER), { code: 'start-failed' });
  const mounts = [{ hostPath: '/no/such/file', containerPath: '/app/x' }];
  await assert.rejects(runtime.start(serviceOf(port, { command: ['{node}'] }, { mounts }), NEVER), {
    code: 'start-failed',
  });
  await assert.rejects(runtime.start(serviceOf(port, null), NEVER), { code: 'start-failed' });
  await assert.rejects(runtime.start(family(port), AbortSignal.abort()), { code: 'interrupted', exitCode: 130 });
  assert.deepEqual(existsSync(join(home, 'run')) ? readdirSync(join(home, 'run')) : [], []);
});

test('prepare says what would run', async (t) => {
  const { runtime, home } = runtimeFor(t);
  const bin = join(home, 'gateways/some-gateway/bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'gw'), '', { mode: 0o755 });
  writeFileSync(join(home, 'gateways/some-gateway/version'), '1.2.3\n');
  const lines: string[] = [];
  const service = serviceOf(1, { command: ['gw'] }, { version: '1.2.4' });
  assert.deepEqual(await runtime.prepare(service, (line) => lines.push(line), NEVER), {
    state: 'available',
    version: '1.2.3',
    digest: null,
    limitsEnforced: true,
  });
  assert.deepEqual(lines, ['some-gateway: version 1.2.3 is installed, the compose file asks for 1.2.4']);
  const fromPath = await runtime.prepare(serviceOf(1, { command: ['env'] }, { version: '9' }), () => {}, NEVER);
  assert.equal(
    fromPath.state === 'available' && fromPath.version,
    null,
    'the version of a program on PATH is not known',
  );
  const asked = serviceOf(1, { command: ['env'], versionCommand: ['{node}', '--version'] }, { version: '9' });
  const printed = await runtime.prepare(asked, () => {}, NEVER);
  assert.ok(printed.state === 'available');
  assert.equal(printed.version, process.versions.node, 'what its command prints');
  assert.equal(printed.digest, null, 'env only starts another program');
  const mock = await runtime.prepare(serviceOf(1, { command: ['{node}', '{mock}'] }), () => {}, NEVER);
  assert.equal(mock.state === 'available' && mock.version, VERSION);
});

test('prepare: a failed npm is an absence with its reason, an interrupt is not', async (t) => {
  const { runtime } = runtimeFor(t);
  const service = serviceOf(1, { command: ['{node}', '{npm}/x.js'], npmDirectory: fixture('broken-packages') });
  const availability = await runtime.prepare(service, () => {}, NEVER);
  assert.equal(availability.state, 'absent');
  assert.equal(availability.reason.code, 'install-failed');
  await assert.rejects(
    runtime.prepare(service, () => {}, AbortSignal.abort()),
    { code: 'interrupted' },
  );
});

/** Starts a service in another process, which is this program as far as the runtime can tell. */
async function startOwner(home: string, thenExit: boolean) {
  const options = JSON.stringify({ home, service: family(await freePort()), thenExit });
  const owner = spawn(process.execPath, [fixture('owner.mjs'), options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(owner.stdout, 'data');
  return { owner, pids: String(line).trim().split(' ').map(Number) };
}

test('sweep ends what a killed run left, and only then', needsProc, async (t) => {
  const { runtime, home } = runtimeFor(t);
  const { owner, pids } = await startOwner(home, false);
  assert.equal(await runtime.sweep(), 0, 'its owner still lives');
  assert.deepEqual(pids.map(isRunning), [true, true, true]);
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  assert.equal(await runtime.sweep(), 1);
  assert.deepEqual(pids.map(isRunning), [false, false, false]);
  assert.deepEqual(readdirSync(join(home, 'run')), []);
  assert.equal(await runtime.sweep(), 0);
});

test('an exit that does not wait for close still leaves no process', needsProc, async (t) => {
  const { runtime, home } = runtimeFor(t);
  const { owner, pids } = await startOwner(home, true);
  await once(owner, 'exit');
  await until(() => !pids.some(isRunning));
  assert.equal(await runtime.sweep(), 0);
  assert.deepEqual(readdirSync(join(home, 'run')), []);
});

test('sweep never touches a process that only has the pid of an old one', needsProc, async (t) => {
  const { runtime, home } = runtimeFor(t);
  const innocent = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
  t.after(() => innocent.kill('SIGKILL'));
  const proc = new ProcFs();
  const pid = innocent.pid ?? 0;
  const startTicks = proc.stat(pid)?.startTicks ?? 0;
  const stranger = { pid, startTicks: startTicks - 1 };
  const record = { service: 'x', owner: stranger, root: stranger, bootId: proc.bootId(), directory: '/tmp/elsewhere' };
  mkdirSync(join(home, 'run'));
  writeFileSync(join(home, 'run/recycled.json'), JSON.stringify(record));
  // The same pid and start time, but of an earlier boot.
  writeFileSync(
    join(home, 'run/reboot.json'),
    JSON.stringify({ ...record, root: { pid, startTicks }, bootId: 'earlier' }),
  );
  writeFileSync(join(home, 'run/torn.json'), '{"service": "x", "ow');
  assert.equal(await runtime.sweep(), 0);
  assert.equal(isRunning(pid), true);
  assert.deepEqual(readdirSync(join(home, 'run')), []);
});

test('a killed owner that nobody has waited for counts as gone', async (t) => {
  const proc = writeProc(join(temporaryDirectory(t), 'proc'), { 7: { state: 'Z' } });
  const records = new RunRecords(temporaryDirectory(t));
  const directory = '/tmp/elsewhere';
  records.write('left', { service: 'x', owner: { pid: 7, startTicks: 7 }, root: null, bootId: 'this', directory });
  assert.equal(await sweepServices(records, proc, { termMs: 0, killMs: 0 }), 0);
  assert.deepEqual([...records.list().keys()], []);
});

const groups = ControlGroups.open();
const needsGroups = {
  skip: groups.canEnforce({ cpus: 0.5, memoryBytes: 1 }) ? false : 'no control group can be made here',
};

test('a program that takes more memory than its limit is killed, and that is said', needsGroups, async (t) => {
  const { runtime } = runtimeFor(t);
  const eater = 'const kept = []; setInterval(() => kept.push(Buffer.alloc(8 << 20, 1)), 5);';
  const service = serviceOf(
    await freePort(),
    { command: [process.execPath, '-e', eater] },
    { memoryBytes: 96 * 2 ** 20 },
  );
  const running = await runtime.start(service, NEVER);
  assert.deepEqual(await running.exited, { exitCode: null, signal: 'SIGKILL', outOfMemory: true });
  await running.stop();
});

test(
  'a program that would take a whole CPU is held to its quota, and the time lost is counted',
  needsGroups,
  async (t) => {
    const { runtime } = runtimeFor(t);
    const service = serviceOf(await freePort(), { command: [process.execPath, '-e', 'for (;;);'] }, { cpus: 0.2 });
    const running = await runtime.start(service, NEVER);
    let throttledMs = 0;
    await until(async () => {
      throttledMs = (await running.sample('light'))?.throttledMs ?? 0;
      return throttledMs > 0;
    });
    await running.stop();
  },
);

test('no control group outlives its service', needsGroups, async (t) => {
  const { runtime } = runtimeFor(t);
  const program = 'console.log(process.pid); setInterval(() => {}, 1e6)';
  const service = serviceOf(await freePort(), { command: [process.execPath, '-e', program] }, { cpus: 0.5 });
  const running = await runtime.start(service, NEVER);
  await until(async () => (await running.logs()).includes('\n'));
  const table = readFileSync(`/proc/${(await running.logs()).trim()}/cgroup`, 'utf8');
  const own = [...table.matchAll(/^\d+:([^:]*):(.*crabllm-bench-.*)$/gm)].map(([, controllers = '', path = '']) =>
    join('/sys/fs/cgroup', controllers, path),
  );
  assert.ok(own.length > 0 && own.every((path) => existsSync(path)), table);
  await running.stop();
  assert.deepEqual(
    own.filter((path) => existsSync(path)),
    [],
  );
});
