#!/usr/bin/env node
// What the live view costs a run, and whether it changes what is measured: whole runs of `direct`, with --serve and without, in turns.
//
//   npm run bench:serve                                        six rounds of each way, some ten minutes
//   npm run bench:serve -- --rounds 12 --rps 100 --ways without,browser
//
// without  a run that is not served: what the others are held against
// unseen   --serve, and nobody looks
// seen     --serve, and one viewer that reads every event as a browser's EventSource does, from this script
// browser  --serve, and the page open in Chromium on this machine, where there is one. A browser is a load by itself, and the run says so
//
// Ratios are of the medians of a run's blocks to those of the unserved run of the same round, with Student's 95 % interval over rounds of
// their logarithms; an interval that holds 1 shows no effect, and its width what could have been seen. The core's share is what the whole
// program, its viewers aside, used of a core within measured windows, which every run counts. Only a machine that does nothing else tells.
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, release, tmpdir, type } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { meanOf, studentT975 } from '../orchestrator/build/analyse/student.js';
import { VERSION } from '../orchestrator/build/version.js';
import { spawnMine } from './support/child-of-mine.mjs';
import { freePort } from './support/free-port.mjs';
import { refuse, scriptOptions, someOf } from './support/script-options.mjs';

const RUN = fileURLToPath(new URL('../orchestrator/dist/run.js', import.meta.url));
const BROWSER = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
/** How a run ends in which something could not be judged. */
const GAPS = 3;
const QUANTILES = ['p50', 'p90', 'p99'];

/** What looks at the address of a run, until the run ends; null: it is not served. */
const VIEWERS = { without: null, unseen: async () => {}, seen: readEvents, browser: openPage };

const options = scriptOptions({ rounds: 6, rps: 500, seconds: 3, blocks: 3, ways: undefined });
const { rounds, rps, seconds, blocks } = options;
for (const name of ['rounds', 'blocks'])
  if (!Number.isInteger(options[name])) refuse(`--${name} ${options[name]}: a whole number`);
if (rounds < 2) refuse(`--rounds ${rounds}: from 2, of which an interval can be had`);
const asked = someOf('ways', options.ways, Object.keys(VIEWERS));
if (!asked.includes('without')) refuse('--ways: without belongs to it, the others are held against it');
if (options.ways !== undefined && asked.includes('browser') && BROWSER === undefined)
  refuse('--ways browser: there is no Chromium on this machine');
const ways = asked.filter((way) => way !== 'browser' || BROWSER !== undefined);

console.log(
  `crabllm-bench ${VERSION}, Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'CPU'}, ` +
    `${type()} ${release()}; ${rounds} rounds, runs of ${blocks} blocks of ${seconds} s at ${rps} a second`,
);
if (!ways.includes('browser') && options.ways === undefined) console.log('without a browser: none on this machine');

const seen = new Map(ways.map((way) => [way, []]));
for (let round = 0; round < rounds; round += 1)
  for (const way of round % 2 === 0 ? ways : ways.toReversed()) {
    const figures = await measured(way);
    seen.get(way).push(figures);
    process.stderr.write(`round ${round + 1} ${way.padEnd(8)} ${JSON.stringify(figures)}\n`);
  }
printTable();

/** One run. @returns quantiles of `direct`, microseconds, the program's share of a core within windows, and what serving took of them */
async function measured(way) {
  const output = mkdtempSync(join(tmpdir(), 'serve-cost-'));
  const look = VIEWERS[way];
  try {
    const told = await run(output, look);
    const { cells, observer } = JSON.parse(readFileSync(join(output, 'summary.json'), 'utf8'));
    const direct = cells.find(({ target }) => target === 'direct');
    // A run whose trials were void says nothing: its round is not counted for this way, and the line on standard error shows it.
    const figures = Object.fromEntries(
      QUANTILES.map((name) => [name, direct?.state === 'ok' ? (direct.latencyUs[name]?.value ?? null) : null]),
    );
    const [, servingMs, ofS] = /serving took ([\d.]+) ms of ([\d.]+) s of trials/.exec(told) ?? [];
    return {
      ...figures,
      coreShare: observer?.cpuShare ?? null,
      servingShare: servingMs === undefined ? null : Number(servingMs) / 1000 / Number(ofS),
    };
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

/** @returns what the run said on its standard error */
async function run(output, look) {
  const load = ['--gateways', 'direct', '--scenarios', 'chat-minimal', '--rps', String(rps)];
  const pace = ['--blocks', String(blocks), '--duration', String(blocks * seconds)];
  const means = ['--runtime', 'process', '--driver', 'native', '--mock-port', String(await freePort())];
  const words = [RUN, 'bench', ...load, ...pace, ...means, '--output', output, ...(look === null ? [] : ['--serve'])];
  const child = spawnMine(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  let told = '';
  const looking = [];
  child.stderr.setEncoding('utf8').on('data', (part) => {
    told += part;
    const [, address] = /^watch it at (\S+)$/m.exec(told) ?? [];
    // A viewer that fails is told of when the run has ended.
    if (address !== undefined && looking.length === 0) {
      const looked = look(address, exited);
      looked.catch(() => {});
      looking.push(looked);
    }
  });
  const [code] = await exited;
  await Promise.all(looking);
  if (code !== 0 && code !== GAPS) throw new Error(`the run ended with ${code}:\n${told}`);
  return told;
}

/** As EventSource does; and at the end the report is fetched, as the page does. */
async function readEvents(address) {
  const response = await fetch(`${address}events`, { headers: { accept: 'text/event-stream' } });
  let last = '';
  for await (const part of response.body.pipeThrough(new TextDecoderStream())) last = (last + part).slice(-4096);
  if (!last.includes('event: end')) throw new Error('the events broke off before the end of the run');
  await (await fetch(address)).text();
}

async function openPage(address, exited) {
  // A dependency of the orchestrator's tests.
  const { chromium } = createRequire(new URL('../orchestrator/package.json', import.meta.url))('playwright-core');
  const browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage();
    await page.goto(address);
    await exited;
  } finally {
    await browser.close();
  }
}

function printTable() {
  const heads = QUANTILES.map((name) => `${name}, times without`.padStart(24)).join('');
  console.log(
    `\n${'way'.padEnd(10)}${heads}${'% of a core in windows'.padStart(30)}${'serving, % of windows'.padStart(24)}`,
  );
  for (const way of ways) {
    const own = seen.get(way);
    const ratios = QUANTILES.map((name) => (way === 'without' ? medianText(own, name) : ratioText(own, name)));
    const cells = ratios.map((text) => text.padStart(24)).join('');
    const core = intervalText(own.flatMap(({ coreShare }) => coreShare ?? []).map((share) => 100 * share));
    const serving = own.flatMap(({ servingShare }) => servingShare ?? []);
    const served = serving.length === 0 ? '–' : (100 * Math.max(...serving)).toFixed(3);
    console.log(`${way.padEnd(10)}${cells}${core.padStart(30)}${served.padStart(24)}`);
  }
  console.log('of `without` its own figures, microseconds; serving: the most of any run');
}

function medianText(runs, name) {
  const values = runs.flatMap((one) => one[name] ?? []);
  return values.length === 0 ? 'too few' : `${Math.exp(meanOf(values.map(Math.log))).toFixed(0)} µs`;
}

function ratioText(runs, name) {
  const logs = runs.flatMap((one, round) => {
    const without = seen.get('without')[round]?.[name] ?? null;
    return one[name] === null || without === null ? [] : [Math.log(one[name] / without)];
  });
  if (logs.length < 2) return 'too few';
  const { mean, half } = intervalOf(logs);
  const [value, low, high] = [mean, mean - half, mean + half].map((log) => Math.exp(log).toFixed(3));
  return `${value} [${low}, ${high}]`;
}

function intervalText(values) {
  if (values.length < 2) return '–';
  const { mean, half } = intervalOf(values);
  return `${mean.toFixed(2)} [${(mean - half).toFixed(2)}, ${(mean + half).toFixed(2)}]`;
}

function intervalOf(values) {
  const mean = meanOf(values);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, half: studentT975(values.length - 1) * Math.sqrt(variance / values.length) };
}
