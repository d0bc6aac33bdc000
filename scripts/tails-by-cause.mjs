#!/usr/bin/env node
// What the tail of `direct` is made of: of the slowest hundredth of requests, in which part of their way the time beyond the usual went, how
// much of it lies under a garbage collection of the driver or of the mock, how long their threads waited for a CPU, and how much memory was
// touched for the first time.
//
//   npm run bench:tails                                     5000 a second, three passes of 10 s
//   npm run bench:tails -- --rates 500,2000,5000 --seconds 5 --passes 1
//
// Parts: late sending (from the intended time to the system call: timer slack, the pacing thread waiting for a CPU), to the mock, in the mock,
// and back (the answer's way, the reading thread waiting for a CPU or being collected in). Collections come from V8's own trace of both
// programs (--trace-event-categories v8), on the same clock as the requests; the trace itself costs a little. Linux.
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, release, tmpdir, type } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VERSION } from '../orchestrator/build/version.js';
import { spawnMine } from './support/child-of-mine.mjs';
import { freePort } from './support/free-port.mjs';
import { refuse, scriptOptions } from './support/script-options.mjs';

const MOCK = fileURLToPath(new URL('../mock/dist/main.js', import.meta.url));
const TRIAL = fileURLToPath(new URL('./support/tail-trial.mjs', import.meta.url));
const PARTS = ['late sending', 'to the mock', 'in the mock', 'back'];
const TAIL = 0.01;
const options = scriptOptions({ rates: '5000', seconds: 10, passes: 3 });
const rates = options.rates.split(',').map(Number);
if (rates.some((rate) => !(rate > 0 && rate <= 8000))) refuse(`--rates ${options.rates}: numbers above 0, up to 8000`);
if (process.platform !== 'linux') refuse('only Linux tells how long threads wait for a CPU');

console.log(
  `crabllm-bench ${VERSION}, Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'CPU'}, ${type()} ${release()}; ` +
    `${options.passes} passes of ${options.seconds} s; of the slowest ${100 * TAIL} %, µs beyond the median of each part`,
);
console.log(
  '\n| rate | p50, p99 µs | part | beyond the usual | share | under a collection of the driver | of the mock |',
);
console.log('| --- | --- | --- | ---: | ---: | ---: | ---: |');
const work = mkdtempSync(join(tmpdir(), 'tails-by-cause-'));
try {
  for (const rate of rates)
    for (let pass = 1; pass <= options.passes; pass++) print(rate, await measured(rate, join(work, `${rate}-${pass}`)));
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** One trial in front of a fresh mock, each program with a trace of its own. */
async function measured(rate, folder) {
  const port = await freePort();
  const mock = traced(`${folder}-mock`, [MOCK, '--port', String(port), '--workers', '1']);
  try {
    await answers(port);
    const words = [TRIAL, String(port), String(rate), String(options.seconds), String(mock.pid), `${folder}.json`];
    const driver = traced(`${folder}-driver`, words);
    const [code] = await once(driver, 'exit');
    if (code !== 0) refuse(`the trial at ${rate} a second ended with ${code}`);
  } finally {
    const ended = once(mock, 'exit');
    mock.kill('SIGTERM');
    await ended;
  }
  return {
    ...JSON.parse(readFileSync(`${folder}.json`, 'utf8')),
    collections: { driver: collectionsIn(`${folder}-driver`), mock: collectionsIn(`${folder}-mock`) },
  };
}

function print(rate, { rows, waits, faults, windowMs, collections }) {
  const latency = rows.map(([intended, , , , last]) => last - intended);
  const sorted = latency.toSorted((a, b) => a - b);
  const at = (p) => sorted[Math.floor(p * (sorted.length - 1))];
  const slow = rows.filter((_, i) => latency[i] >= at(1 - TAIL));
  const usual = PARTS.map((_, part) => medianOf(rows.map((row) => row[part + 1] - row[part])));
  const beyond = PARTS.map((_, part) => mean(slow.map((row) => row[part + 1] - row[part] - usual[part])));
  const total = beyond.reduce((sum, us) => sum + us, 0);
  for (const [part, name] of PARTS.entries()) {
    const under = (whose) => mean(slow.map((row) => overlap(collections[whose], row[part], row[part + 1])));
    const head = part === 0 ? `${rate}/s | ${at(0.5).toFixed(0)}, ${at(0.99).toFixed(0)}` : ' | ';
    console.log(
      `| ${head} | ${name} | ${beyond[part].toFixed(0)} | ${((100 * beyond[part]) / total).toFixed(0)} % | ${under('driver').toFixed(0)} | ${under('mock').toFixed(0)} |`,
    );
  }
  const collected = (whose) => {
    const [from, until] = [rows[0][0], rows.at(-1)[4]];
    const within = collections[whose].filter(([begun]) => begun >= from && begun <= until);
    const longest = Math.max(0, ...within.map(([begun, ended]) => ended - begun));
    return `${within.length} collections, the longest ${(longest / 1000).toFixed(1)} ms`;
  };
  console.log(
    `| | | all of it | | | ${collected('driver')}; waited ${waits.driver.toFixed(0)} ms of ${windowMs} for a CPU; ${faults.driver} pages first touched | ` +
      `${collected('mock')}; waited ${waits.mock.toFixed(0)} ms; ${faults.mock} pages |`,
  );
}

/** How much of a span lies under collections, microseconds. Those of several threads may overlap: together they are no more than the span. */
function overlap(collections, from, until) {
  const covered = collections.reduce(
    (sum, [begun, ended]) => sum + Math.max(0, Math.min(until, ended) - Math.max(from, begun)),
    0,
  );
  return Math.min(covered, Math.max(0, until - from));
}

/** Whole collections by V8's trace, begin and end in microseconds of the monotonic clock. */
function collectionsIn(prefix) {
  const folder = join(prefix, '..');
  const names = readdirSync(folder).filter((name) => join(folder, name).startsWith(`${prefix}.`));
  return names.flatMap((name) =>
    JSON.parse(readFileSync(join(folder, name), 'utf8')).traceEvents.flatMap(({ name: event, ph, ts, dur }) =>
      ph === 'X' && /^V8\.GC(Scavenger|FinalizeMC|FinalizeMCReduceMemory|MarkCompactor|IncrementalMarking)$/.test(event)
        ? [[ts, ts + dur]]
        : [],
    ),
  );
}

/** Its workers are traced as well, each into a file of its own. */
function traced(prefix, words) {
  const flags = ['--trace-event-categories', 'v8', '--trace-event-file-pattern', `${prefix}.\${pid}.\${rotation}.log`];
  return spawnMine(process.execPath, [...flags, ...words], { stdio: ['ignore', 'ignore', 'inherit'] });
}

function medianOf(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

async function answers(port) {
  for (let tries = 0; tries < 200; tries++) {
    if ((await fetch(`http://127.0.0.1:${port}/v1/models`).catch(() => null))?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  refuse('the mock does not answer');
}
