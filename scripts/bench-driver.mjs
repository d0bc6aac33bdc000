#!/usr/bin/env node
// Measures the load drivers themselves: what the native driver sees and costs against oha, on one target, in interleaved trials.
//
//   npm run bench:driver                                   oha from PATH, this project's mock, three passes
//   npm run bench:driver -- --oha FILE --mock FILE         another oha; another mock (a program that takes --port N)
//   npm run bench:driver -- --passes 1 --seconds 3 --rows 5000,stream --pacing wait,spin
//
// The native driver counts latency from each request's intended time. oha counts from the moment its pacer woke, however late
// that was, so it is shown twice: as it says itself, and from the schedule it was asked to keep (rows of its database against an
// even grid through its earliest row). Ratios are to oha's own word, the harder of the two. CPU is that of the whole process over
// everything it sent, start of the process excluded for the native driver, included for oha. All figures are medians over the
// passes; only ratios mean something on a machine that does other things besides.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, release, tmpdir, type } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createNativeDriver } from '../orchestrator/build/load/native/driver.js';
import { createRowsReader } from '../orchestrator/build/load/oha/rows.js';
import { VERSION } from '../orchestrator/build/version.js';
import { spawnMine } from './support/child-of-mine.mjs';
import { freePort } from './support/free-port.mjs';
import { refuse, scriptOptions, someOf } from './support/script-options.mjs';

const options = scriptOptions({
  oha: 'oha',
  mock: undefined,
  passes: 3,
  seconds: 5,
  rows: '500,2000,5000,stream',
  pacing: 'wait',
});
const { passes, seconds } = options;
const WARMUP_S = 2;

/** Streams have 20 chunks, at a rate that leaves the mock at ease. */
const ROWS = {
  500: [500, false],
  2000: [2000, false],
  5000: [5000, false],
  stream: [500, true],
  'stream-2000': [2000, true],
};
const rows = someOf('rows', options.rows, Object.keys(ROWS)).map((name) => {
  const [rate, streaming] = ROWS[name];
  return { name: streaming ? `${rate}/s, 20 chunks` : `${rate}/s`, rate, streaming };
});

const ohaVersion = spawnSync(options.oha, ['--version'], { encoding: 'utf8' }).stdout?.trim();
if (!ohaVersion) refuse(`${options.oha} is not on PATH: cargo install oha --locked, or --oha PATH`);
const port = await freePort();
const url = `http://127.0.0.1:${port}/v1/chat/completions`;
const mock = await startMock();
const contestants = [
  { name: 'oha', trial: ohaTrial },
  { name: 'oha, schedule', trial: ohaScheduleTrial },
  ...someOf('pacing', options.pacing, ['wait', 'spin']).map((pacing) => {
    const driver = createNativeDriver({ pacing });
    return {
      name: `native ${pacing}`,
      warmUp: () => nativeTrial(driver, { rate: 500, streaming: false }),
      trial: (row) => nativeTrial(driver, row),
      close: () => driver.close(),
    };
  }),
];
const results = new Map();
const reader = createRowsReader();
console.log(
  `crabllm-bench ${VERSION}, Node ${process.version}, ${ohaVersion}, ` +
    `${availableParallelism()} × ${cpus()[0]?.model ?? 'CPU'}, ${type()} ${release()}; ${passes} passes of ${seconds} s`,
);
try {
  // The threads of a driver start with its first trial and are kept; starting them is no cost of a request.
  for (const { warmUp } of contestants) await warmUp?.();
  for (let pass = 0; pass < passes; pass++) {
    for (const row of rows) {
      // Turned round each pass, so that neither always follows the other.
      for (const contestant of pass % 2 === 0 ? contestants : contestants.toReversed()) {
        const result = await contestant.trial(row);
        const key = `${row.name}|${contestant.name}`;
        results.set(key, [...(results.get(key) ?? []), result]);
        process.stderr.write(
          `pass ${pass + 1}  ${row.name.padEnd(18)}${contestant.name.padEnd(13)}${JSON.stringify(result)}\n`,
        );
      }
    }
  }
  printTable();
} finally {
  mock.kill('SIGTERM');
  await reader.close();
  await Promise.all(contestants.map((contestant) => contestant.close?.()));
}

function bodyFor(streaming) {
  const messages = [{ role: 'user', content: 'Say hello. [[bench id=0000000000000000]]' }];
  return JSON.stringify({ model: 'bench-chat', messages, ...(streaming ? { stream: true } : {}) });
}

async function nativeTrial(driver, row) {
  const before = process.cpuUsage();
  const load = {
    url,
    headers: {},
    body: bodyFor(row.streaming),
    streaming: row.streaming,
    level: { kind: 'rps', value: row.rate },
    warmupMs: WARMUP_S * 1000,
    measureMs: seconds * 1000,
    timeoutMs: 5000,
    expectedLatencyMs: 1,
    seed: 1,
  };
  const { record } = await driver.run(load, new AbortController().signal);
  const { user, system } = process.cpuUsage(before);
  if (record.ok !== record.scheduled) throw new Error(`not all answered: ${JSON.stringify(record.errorExamples)}`);
  const { p50, p99 } = record.latencyUs.quantiles;
  return { p50, p99, cpu: (user + system) / (row.rate * (WARMUP_S + seconds)) };
}

async function ohaTrial(row) {
  const { report, cpuUs } = await runOha(row, []);
  const { latencyPercentiles, statusCodeDistribution } = report;
  const answered = Object.values(statusCodeDistribution).reduce((sum, count) => sum + count, 0);
  return { p50: latencyPercentiles.p50 * 1e6, p99: latencyPercentiles.p99 * 1e6, cpu: cpuUs / answered };
}

/** oha's latencies from the times at which the requests were due; the CPU time holds the writing of the database. */
async function ohaScheduleTrial(row) {
  const directory = mkdtempSync(join(tmpdir(), 'bench-driver-'));
  const file = join(directory, 'oha.db');
  try {
    const { cpuUs } = await runOha(row, ['--db-url', file]);
    const { intendedUs, endUs } = await reader.read(readFileSync(file));
    const answers = Array.from(intendedUs, (intended, i) => ({ intended, end: endUs[i] })).sort(
      (a, b) => a.intended - b.intended,
    );
    const gapUs = 1e6 / row.rate;
    const start = answers.reduce((earliest, { intended }, k) => Math.min(earliest, intended - k * gapUs), Infinity);
    const latencies = answers.map(({ end }, k) => end - start - k * gapUs).sort((a, b) => a - b);
    const quantile = (p) => latencies[Math.ceil(p * latencies.length) - 1];
    return { p50: quantile(0.5), p99: quantile(0.99), cpu: cpuUs / answers.length };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function runOha(row, more) {
  const args = [
    '-z',
    `${WARMUP_S + seconds}s`,
    '-q',
    row.rate,
    '-c',
    Math.max(16, row.rate / 100),
    '--latency-correction',
    '-w',
  ];
  const request = ['-m', 'POST', '-T', 'application/json', '-d', bodyFor(row.streaming), '--disable-compression'];
  const words = [options.oha, ...args, ...request, ...more, '--no-tui', '--output-format', 'json', url].map(String);
  // The shell's `times` tells the CPU time of its children, which Node does not.
  const shell = spawnMine('sh', ['-c', '"$@"; times', 'sh', ...words], { stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  shell.stdout.on('data', (bytes) => (output += bytes));
  await once(shell, 'close');
  const end = output.lastIndexOf('}') + 1;
  const children = output.slice(end).trim().split('\n').at(-1);
  const times = [...children.matchAll(/(\d+)m([\d.]+)s/g)];
  const cpuUs = times.reduce((sum, [, m, s]) => sum + Number(m) * 60e6 + Number(s) * 1e6, 0);
  return { report: JSON.parse(output.slice(0, end)), cpuUs };
}

function printTable() {
  const columns = ['p50', 'p99', 'cpu'];
  console.log(
    `\n${'median of the passes, µs'.padEnd(34)}${['p50', 'p99', 'CPU/request'].map((name) => name.padStart(20)).join('')}`,
  );
  for (const row of rows) {
    const base = results.get(`${row.name}|oha`);
    for (const { name } of contestants) {
      const own = results.get(`${row.name}|${name}`);
      const cells = columns.map((column) => {
        const value = median(own.map((result) => result[column]));
        const ratio = value / median(base.map((result) => result[column]));
        return `${value.toFixed(0)}${name.startsWith('oha') ? '' : ` (${ratio.toFixed(2)} ×)`}`.padStart(20);
      });
      console.log(`${row.name.padEnd(20)}${name.padEnd(14)}${cells.join('')}`);
    }
  }
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

async function startMock() {
  const own = fileURLToPath(new URL('../mock/dist/main.js', import.meta.url));
  const [program, ...first] = options.mock === undefined ? [process.execPath, own, '--workers', '1'] : [options.mock];
  const child = spawnMine(program, [...first, '--port', String(port)], { stdio: ['ignore', 'ignore', 'inherit'] });
  for (let tries = 0; tries < 100; tries++) {
    const answers = await fetch(`http://127.0.0.1:${port}/v1/models`).catch(() => null);
    if (answers?.ok) return child;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill();
  throw new Error(`the mock ${program} does not answer`);
}
