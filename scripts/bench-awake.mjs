#!/usr/bin/env node
// What sleeping cores do to figures at low rates, and what keeping them awake would change: `direct` in visits (a fresh mock each),
// with and without, in turns.
//
//   npm run bench:awake                                        four alternations, 100, 500 and 2000 a second
//   npm run bench:awake -- --alternations 8 --rates 100,500 --before 200 --after 300 --ways none,spin
//
// none     nothing is done: how figures are without
// spin     as --awake spin:BEFORE,AFTER: an idle-class spinner on each CPU, for a fixed span around each due time (--before and --after,
//          microseconds). It is the same span whatever is measured; nothing runs in the rest of the time
// latency  as --awake latency: the kernel chooses no state of sleep that takes time to leave. Only where the device is, and may be written
//
// Figures are of the native driver, whose latency counts from the intended time. Spread is the largest over the smallest of the
// visits. Keep a way when the spread of p50 falls and p99 does not rise. Only a machine that does nothing else tells.
import { once } from 'node:events';
import { availableParallelism, cpus, release, type } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createNativeDriver } from '../orchestrator/build/load/native/driver.js';
import { KeepAwake, whyNotAwake } from '../orchestrator/build/load/native/keep-awake.js';
import { formatCpuList } from '../orchestrator/build/record/cpu-list.js';
import { readTopology } from '../orchestrator/build/resources/cpu-topology.js';
import { VERSION } from '../orchestrator/build/version.js';
import { spawnMine } from './support/child-of-mine.mjs';
import { freePort } from './support/free-port.mjs';
import { refuse, scriptOptions, someOf } from './support/script-options.mjs';

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
const whyNot = { none: null, spin: whyNotAwake({ way: 'spin' }), latency: whyNotAwake({ way: 'latency' }) };
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
const allCpus = formatCpuList(readTopology()?.cpus.map(({ id }) => id) ?? []);
const HOW = {
  spin: { way: 'spin', beforeUs: options.before, afterUs: options.after, cpus: allCpus },
  latency: { way: 'latency' },
};
const drivers = new Map(
  ways.map((way) => [way, createNativeDriver(way === 'none' ? {} : { awake: new KeepAwake(HOW[way]) })]),
);
try {
  // A driver's threads start with its first trial.
  for (const way of ways) await visit(way, false);
  for (let turn = 0; turn < options.alternations; turn++)
    for (const way of turn % 2 === 0 ? ways : ways.toReversed()) await visit(way, true);
  printTable();
} finally {
  for (const driver of drivers.values()) await driver.close();
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
  const { record, awakeCpuUs = 0 } = await drivers.get(way).run(loadOf(rate, port), new AbortController().signal);
  if (record.ok !== record.scheduled) throw new Error(`not all answered: ${JSON.stringify(record.errorExamples)}`);
  const { p50, p90, p99 } = record.latencyUs.quantiles;
  return { p50, p90, p99, spunCores: awakeCpuUs / ((WARMUP_S + options.seconds) * 1e6) };
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
  const child = spawnMine(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit'] });
  for (let tries = 0; tries < 100; tries++) {
    const answers = await fetch(`http://127.0.0.1:${port}/v1/models`).catch(() => null);
    if (answers?.ok) return child;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill();
  throw new Error('the mock does not answer');
}
