import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ToolResult, ToolRun } from '#src/runtime/runtime.js';
import { childCpuUs } from '#src/runtime/process/run-tool.js';
import { readTopology } from '#src/resources/cpu-topology.js';
import { isRunning, needsPinning, NEVER, needsProc, runtimeFor, temporaryDirectory, until } from './support.js';

const tool = (script: string, changes: Partial<ToolRun> = {}): ToolRun => ({
  name: 'some-tool',
  image: 'example/tool:1',
  program: process.execPath,
  args: ['--eval', script, '${dir}/in.txt', '${dir}'],
  environment: {},
  inputFiles: {},
  outputFiles: [],
  timeoutMs: 60_000,
  ...changes,
});

test('gives files in, brings files back, and removes the folder', async (t) => {
  const script = `const fs = require('node:fs'); const [, file, dir] = process.argv;
    fs.writeFileSync(dir + '/out.txt', fs.readFileSync(file, 'utf8').toUpperCase());
    console.log(dir); console.error(process.env.GREETING); process.exitCode = 3;`;
  const run = tool(script, {
    environment: { GREETING: 'hello' },
    inputFiles: { 'in.txt': Buffer.from('text') },
    outputFiles: ['out.txt', 'never-written.txt'],
  });
  const result = await runtimeFor(t).runtime.runTool(run, NEVER);
  assert.equal(result.exitCode, 3);
  assert.equal(result.stderr, 'hello\n');
  assert.deepEqual(
    [...result.files].map(([name, content]) => [name, String(content)]),
    [['out.txt', 'TEXT']],
  );
  assert.equal(existsSync(result.stdout.trim()), false);
});

test('a tool runs on the CPUs that it is given', needsPinning, async (t) => {
  const script = `console.log(require('node:fs').readFileSync('/proc/self/status', 'utf8').match(/Cpus_allowed_list:\\s*(\\S+)/)[1])`;
  const [cpu] = readTopology()?.cpus ?? [];
  const result = await runtimeFor(t).runtime.runTool(tool(script, { cpuset: String(cpu?.id) }), NEVER);
  assert.equal(result.stdout.trim(), String(cpu?.id));
});

test('says what CPU time the tool took', async (t) => {
  const script = `const limit = 300000; while (process.cpuUsage().user + process.cpuUsage().system < limit);
    const { user, system } = process.cpuUsage(); console.log(user + system);`;
  const result = await runtimeFor(t).runtime.runTool(tool(script), NEVER);
  const claimed = Number(result.stdout);
  // The end of the process comes on top of what it says of itself; a shell that counted wrong would be far off.
  assert.ok(result.cpuUs !== null && result.cpuUs >= claimed * 0.9, `${result.cpuUs} of ${claimed}`);
});

/** Runs a script that tells its process id once it is up, and aborts then. */
async function abortWhenUp(t: TestContext, script: string): Promise<{ result: ToolResult; pid: number }> {
  const upFile = join(temporaryDirectory(t), 'up');
  const controller = new AbortController();
  const tell = `require('node:fs').writeFileSync(process.env.UP, String(process.pid)); setInterval(() => {}, 1000);`;
  const run = tool(script + tell, { environment: { UP: upFile }, outputFiles: ['out.json'] });
  const running = runtimeFor(t).runtime.runTool(run, controller.signal);
  await until(() => existsSync(upFile) && readFileSync(upFile, 'utf8') !== '');
  controller.abort();
  return { result: await running, pid: Number(readFileSync(upFile, 'utf8')) };
}

test('an abort asks first: what the tool writes on SIGINT is brought back', async (t) => {
  const script = `process.on('SIGINT', () => { require('node:fs').writeFileSync(process.argv[2] + '/out.json', '{}'); process.exit(); });`;
  const { result, pid } = await abortWhenUp(t, script);
  assert.equal(result.exitCode, null);
  assert.deepEqual([...result.files.keys()], ['out.json']);
  assert.notEqual(result.cpuUs, null);
  assert.equal(isRunning(pid), false);
});

test('a tool that does not listen is killed', async (t) => {
  const { result, pid } = await abortWhenUp(t, `process.on('SIGINT', () => {});`);
  assert.equal(result.exitCode, null);
  assert.equal(result.cpuUs, null, 'what it took is not known after a kill');
  assert.equal(isRunning(pid), false);
});

test('a time-out ends it', async (t) => {
  const run = tool('setInterval(() => {}, 1000)', { timeoutMs: 50 });
  assert.equal((await runtimeFor(t).runtime.runTool(run, NEVER)).exitCode, null);
});

test('a tool that runs is on record, one that has ended is not', needsProc, async (t) => {
  const { runtime, home } = runtimeFor(t);
  const controller = new AbortController();
  const running = runtime.runTool(tool('setInterval(() => {}, 1000)'), controller.signal);
  await until(
    () => existsSync(join(home, 'run')) && readdirSync(join(home, 'run')).some((name) => name.endsWith('.json')),
  );
  controller.abort();
  await running;
  assert.deepEqual(readdirSync(join(home, 'run')), []);
});

test('closing the runtime ends a tool that runs', async (t) => {
  const { runtime } = runtimeFor(t);
  const running = runtime.runTool(tool('setInterval(() => {}, 1000)'), NEVER);
  setTimeout(() => void runtime.close(), 100);
  assert.equal((await running).exitCode, null);
});

test('a tool that is not there: absent when prepared, an error when run', async (t) => {
  const { runtime } = runtimeFor(t);
  const missing = tool('', { program: 'no-such-tool' });
  const reason = { code: 'not-installed', message: 'no-such-tool is not on PATH' };
  assert.deepEqual(await runtime.prepareTool(missing, () => {}, NEVER), { state: 'absent', reason });
  await assert.rejects(runtime.runTool(missing, NEVER), { code: 'start-failed' });
});

test('a prepared tool says its version', async (t) => {
  const { runtime } = runtimeFor(t);
  const availability = await runtime.prepareTool(tool(''), () => {}, NEVER);
  assert.equal(availability.state, 'available');
  assert.equal(availability.version, process.versions.node);
  assert.equal((await runtime.runTool(tool(''), NEVER)).version, process.versions.node);
});

test("reads the shells' ways to write times", () => {
  assert.equal(childCpuUs('0m0.00s 0m0.01s\n1m2.50s 0m0.25s\n'), 62_750_000);
  assert.equal(childCpuUs('0m0.000000s 0m0.000000s\n0m0.310000s 0m0.020000s\n'), 330_000);
  assert.equal(childCpuUs(''), null);
  assert.equal(childCpuUs('0m0.00s 0m0.01s\n'), null);
});
