#!/usr/bin/env node
// What sleeping cores do to figures at low rates, and what keeping them awake would change: `direct` in visits (a fresh mock each),
// with and without, in turns.
//
//   npm run bench:awake                                        four alternations, 100, 500 and 2000 a second
//   npm run bench:awake -- --alternations 8 --rates 100,500 --before 200 --after 300 --ways none,spin
//
// none     nothing is done: how figures are without
// spin     an idle-class spinner on each CPU, for a fixed span around each due time: --before and --after, microseconds. It is the
//          same span whatever is measured; nothing runs in the rest of the time
// latency  /dev/cpu_dma_latency is held open at 0 µs while there is load: the kernel then chooses no state of sleep that takes time to
//          leave (Documentation/power/pm_qos_interface.rst). Only where the device is, and may be written
//
// Figures are of the native driver, whose latency counts from the intended time. Spread is the largest over the smallest of the
// visits. Keep a way when the spread of p50 falls and p99 does not rise. Only a machine that does nothing else tells.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, cpus, release, type } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createNativeDriver } from '../orchestrator/build/load/native/driver.js';
import { readTopology } from '../orchestrator/build/resources/cpu-topology.js';
import { VERSION } from '../orchestrator/build/version.js';
import { refuse, scriptOptions, someOf } from './support/script-options.mjs';

const DEVICE = '/dev/cpu_dma_latency';
const WARMUP_S = 1;

const options = scriptOptions({
  alternations: 4,
  rates: '100,500,2000',
  seconds: 5,
  before: 150,
  after: 150,
  ways: undefined,
});
const rates = options.rates.split(',').map(Number);
if (rates.some((rate) => !(rate > 0 && rate <= 8000))) refuse(`--rates ${options.rates}: numbers above 0, up to 8000`);
const whyNot = { none: null, spin: whyNoSpinners(), latency: whyNoDevice() };
const asked = someOf('ways', options.ways, Object.keys(whyNot));
const missing = asked.filter((way) => whyNot[way] !== null);
if (options.ways !== undefined && missing.length > 0) refuse(`--ways ${missing[0]}: ${whyNot[missing[0]]}`);
const ways = asked.filter((way) => whyNot[way] === null);

console.log(
  `crabllm-bench ${VERSION}, Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'CPU'}, ` +
    `${type()} ${release()}; ${options.alternations} alternations of ${options.seconds} s, ` +
    `${options.before} µs before and ${options.after} µs behind each due time`,
);
for (const way of missing) console.log(`without ${way}: ${whyNot[way]}`);

const seen = new Map();
let follow = () => {};
const driver = createNativeDriver({ onStart: (startedAtUs) => follow(startedAtUs) });
const spinners = ways.includes('spin') ? readTopology().cpus.map(({ id }) => startSpinner(id)) : [];
try {
  // The driver's threads start with its first trial.
  await visit('none', false);
  for (let turn = 0; turn < options.alternations; turn++)
    for (const way of turn % 2 === 0 ? ways : ways.toReversed()) await visit(way, true);
  printTable();
} finally {
  for (const spinner of spinners) spinner.end();
  await driver.close();
}

/** One start of the mock, and a trial at each rate. @param counts whether its figures are kept */
async function visit(way, counts) {
  const port = await freePort();
  const mock = await startMock(port);
  try {
    for (const rate of rates) {
      const result = await trial(way, rate, port);
      if (!counts) continue;
      const key = `${rate} ${way}`;
      seen.set(key, [...(seen.get(key) ?? []), result]);
      process.stderr.write(`${key.padEnd(14)}${JSON.stringify(result)}\n`);
    }
  } finally {
    mock.kill('SIGTERM');
    await once(mock, 'exit');
  }
}

async function trial(way, rate, port) {
  const count = rate * (WARMUP_S + options.seconds);
  let spun = Promise.resolve([]);
  follow = (startedAtUs) => {
    if (way !== 'spin') return;
    const schedule = { startedAtUs, gapUs: 1e6 / rate, count, beforeUs: options.before, afterUs: options.after };
    spun = Promise.all(spinners.map((spinner) => spinner.follow(schedule)));
  };
  const device = way === 'latency' ? holdLatency() : null;
  try {
    const { record } = await driver.run(loadOf(rate, port), new AbortController().signal);
    if (record.ok !== record.scheduled) throw new Error(`not all answered: ${JSON.stringify(record.errorExamples)}`);
    const { p50, p90, p99 } = record.latencyUs.quantiles;
    const spunUs = (await spun).reduce((sum, us) => sum + us, 0);
    return { p50, p90, p99, spunCores: spunUs / ((WARMUP_S + options.seconds) * 1e6) };
  } finally {
    if (device !== null) closeSync(device);
  }
}

function loadOf(rate, port) {
  const messages = [{ role: 'user', content: 'Say hello. [[bench id=0000000000000000]]' }];
  return {
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    headers: {},
    body: JSON.stringify({ model: 'bench-chat', messages }),
    streaming: false,
    level: { kind: 'rps', value: rate },
    warmupMs: WARMUP_S * 1000,
    measureMs: options.seconds * 1000,
    timeoutMs: 5000,
    expectedLatencyMs: 1,
    seed: 1,
  };
}

/** A spinner on one CPU, in the class of those that run when nobody else wants to. */
function startSpinner(cpu) {
  const program = fileURLToPath(new URL('./support/keep-awake.mjs', import.meta.url));
  const words = ['--idle', '0', 'taskset', '-c', String(cpu), process.execPath, program];
  const child = spawn('chrt', words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  return {
    async follow(schedule) {
      child.stdin.write(`${JSON.stringify(schedule)}\n`);
      const [line] = await once(lines, 'line');
      return JSON.parse(line).cpuUs;
    },
    end: () => child.stdin.end(),
  };
}

/** The kernel heeds it for as long as the file is open. */
function holdLatency() {
  const device = openSync(DEVICE, 'w');
  writeSync(device, Buffer.alloc(4));
  return device;
}

function whyNoSpinners() {
  const tried = spawnSync('chrt', ['--idle', '0', 'taskset', '-c', '0', 'true']);
  return tried.status === 0 ? null : 'chrt and taskset of util-linux are not on PATH, or do nothing here';
}

function whyNoDevice() {
  try {
    closeSync(holdLatency());
    return null;
  } catch (error) {
    return `${DEVICE}: ${error.code}`;
  }
}

function printTable() {
  const quantiles = ['p50', 'p90', 'p99'];
  const head = quantiles.map((name) => `${name}, µs: median (range, spread)`.padStart(38)).join('');
  console.log(`\n${'rate'.padEnd(8)}${'way'.padEnd(10)}${head}${'spun, cores'.padStart(14)}`);
  for (const rate of rates)
    for (const way of ways) {
      const visits = seen.get(`${rate} ${way}`);
      const cells = quantiles.map((name) => spreadOf(visits.map((each) => each[name])).padStart(38)).join('');
      const spun = median(visits.map(({ spunCores }) => spunCores)).toFixed(2);
      console.log(`${`${rate}/s`.padEnd(8)}${way.padEnd(10)}${cells}${spun.padStart(14)}`);
    }
}

function spreadOf(values) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${median(values).toFixed(0)} (${least.toFixed(0)}–${most.toFixed(0)}, ${(most / least).toFixed(2)} ×)`;
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

async function startMock(port) {
  const own = fileURLToPath(new URL('../mock/dist/main.js', import.meta.url));
  const words = [own, '--workers', '1', '--port', String(port)];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit'] });
  for (let tries = 0; tries < 100; tries++) {
    const answers = await fetch(`http://127.0.0.1:${port}/v1/models`).catch(() => null);
    if (answers?.ok) return child;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill();
  throw new Error('the mock does not answer');
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
