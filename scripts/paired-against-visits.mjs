#!/usr/bin/env node
// How sharply, and how rightly, a difference between two targets is told: measured in visits, one behind the other, and in pairs, both at
// the same time (--paired). Each comparison of either way takes as long; they are interleaved, so that both have the same machine.
//
//   npm run build && node scripts/paired-against-visits.mjs                  12 comparisons a case, some 12 minutes
//   node scripts/paired-against-visits.mjs --comparisons 4 --seconds 2       a look
//   node scripts/paired-against-visits.mjs --cases mocks,burning --rps 100 --burn 2000us
//
//   mocks      two processes of one mock: the difference is none, so the mean is bias and the sd is what cannot be told
//   burning    a relay that keeps a core busy for each request, beside one that does not: the work is planted, and no delay of the request
//              itself; what the one burns is missing to the other as well when both run at the same time
//   direct     the same relay beside the mock itself: why `direct` is no side of a pair
//
// The differences are of the native driver's own quantiles over whole windows, microseconds, second target less first. A window of visits is
// half as long as one of a pair: two of them, and one of these, take the same time.
import { once } from 'node:events';
import { availableParallelism, cpus, release, type } from 'node:os';
import { fileURLToPath } from 'node:url';
import { SCENARIOS, scenarioBody } from '../orchestrator/build/catalogue/scenarios.js';
import { MOCK_PROGRAM } from '../orchestrator/build/installation.js';
import { createNativeDriver } from '../orchestrator/build/load/native/driver.js';
import { VERSION } from '../orchestrator/build/version.js';
import { spawnMine } from './support/child-of-mine.mjs';
import { freePort } from './support/free-port.mjs';
import { refuse, scriptOptions, someOf } from './support/script-options.mjs';

const RELAY_PROGRAM = fileURLToPath(new URL('../orchestrator/dist/relay/main.js', import.meta.url));
const WARMUP_MS = 1000;

const options = scriptOptions({ comparisons: 12, seconds: 10, rps: 100, burn: '2ms', cases: undefined });
const { comparisons, seconds, rps, burn } = options;
if (!Number.isInteger(comparisons) || comparisons < 2)
  refuse(`--comparisons ${comparisons}: a whole number from 2, of which a standard deviation can be had`);
const scenario = SCENARIOS.find(({ name }) => name === 'chat-minimal');
const CASES = {
  mocks: async () => [await startMock(), await startMock()],
  burning: async () => {
    const mock = await startMock();
    return [await startRelay(mock, []), await startRelay(mock, ['--burn', burn])];
  },
  direct: async () => {
    const mock = await startMock();
    return [mock, await startRelay(mock, ['--burn', burn])];
  },
};
const chosen = someOf('cases', options.cases, Object.keys(CASES));

console.log(
  `crabllm-bench ${VERSION}, Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'CPU'}, ${type()} ${release()}; ` +
    `${comparisons} comparisons of ${seconds} s each way, ${rps}/s a side, burning ${burn} a request`,
);
console.log('case      way     p50: mean   sd   p90: mean   sd   (µs, second less first)');
const driver = createNativeDriver();
const children = [];
try {
  for (const name of chosen) {
    const targets = await CASES[name]();
    const found = { visits: [], paired: [] };
    // The threads of the driver start with their first trials.
    const [one, other] = targets.map((url) => loadOf(url, 500));
    await driver.runPair([one, other], never());
    for (let round = 0; round < comparisons; round++) {
      const ways = round % 2 === 0 ? ['visits', 'paired'] : ['paired', 'visits'];
      for (const way of ways) found[way].push(await (way === 'visits' ? inVisits : inPairs)(targets, round));
    }
    for (const [way, differences] of Object.entries(found)) console.log(rowOf(name, way, differences));
    await stopAll();
  }
} finally {
  await stopAll();
  await driver.close();
}

/** One behind the other, the order turned round each time. */
async function inVisits(targets, round) {
  const order = round % 2 === 0 ? [0, 1] : [1, 0];
  const results = [];
  for (const side of order) results[side] = await driver.run(loadOf(targets[side], (seconds * 1000) / 2), never());
  return differenceOf(results);
}

/** Both at the same time, the first turn by turns. */
async function inPairs(targets, round) {
  const [first, second] = targets.map((url) => loadOf(url, seconds * 1000));
  if (round % 2 === 0) return differenceOf(await driver.runPair([first, second], never()));
  return differenceOf((await driver.runPair([second, first], never())).toReversed());
}

function loadOf(url, measureMs) {
  return {
    url: url + scenario.path,
    headers: {},
    body: scenarioBody(scenario, { modelPrefix: '' }, ''),
    streaming: false,
    level: { kind: /** @type {const} */ ('rps'), value: rps },
    warmupMs: WARMUP_MS,
    measureMs,
    timeoutMs: 10_000,
    expectedLatencyMs: 2,
    seed: 1,
  };
}

/** @param {readonly any[]} results of either side */
function differenceOf([first, second]) {
  for (const { record } of [first, second])
    if (record.ok !== record.scheduled)
      throw new Error(`${record.scheduled - record.ok} requests were not answered right`);
  const [a, b] = [first, second].map(({ record }) => record.latencyUs.quantiles);
  return { p50: b.p50 - a.p50, p90: b.p90 - a.p90 };
}

function rowOf(name, way, differences) {
  const figures = ['p50', 'p90'].map((quantile) => {
    const values = differences.map((difference) => difference[quantile]);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
    return `${mean.toFixed(0).padStart(9)} ${sd.toFixed(0).padStart(6)}`;
  });
  return `${name.padEnd(9)} ${way.padEnd(7)}${figures.join('   ')}`;
}

async function startMock() {
  const port = await freePort();
  await start([MOCK_PROGRAM, '--port', String(port), '--workers', '1']);
  return `http://127.0.0.1:${port}`;
}

async function startRelay(mock, words) {
  const port = await freePort();
  await start([RELAY_PROGRAM, '--port', String(port), '--upstream', mock, ...words]);
  return `http://127.0.0.1:${port}`;
}

/** Both programs say in a line that they listen. */
async function start(words) {
  const child = spawnMine(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${words.join(' ')} ended with ${code}`);
  });
  ended.catch(() => {});
  await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), ended]);
  // What it prints later is read, or a full pipe would stop it.
  for (const stream of [child.stdout, child.stderr]) stream.resume();
}

async function stopAll() {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null) continue;
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  }
}

/** Nobody interrupts a trial here. */
function never() {
  return new AbortController().signal;
}
