#!/usr/bin/env node
// How good the ruler is, in one table: what watching does to a target, what the ruler tells apart, whether planted delays come out, whether
// a plan measured twice says the same, what the time goes to, and what watching costs. Each row with its figure, an interval, and whether
// what this project wants of two shared cores was reached.
//
//   npm run bench:ruler                                three passes, all of it: some seventy minutes; says so first
//   npm run bench:ruler -- --quick                     three passes of fewer cells: some fifteen minutes
//   npm run bench:ruler -- --only observer,plan        some of: observer, ruler, plan
//   npm run bench:ruler -- --runtimes process --output results/ruler   keeps the runs; what lies whole there is not measured again
//
// Everything is interleaved: each pass measures every part once, watched and unwatched targets within the same blocks. Only a machine that
// does nothing else tells.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, release, tmpdir, type } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureRun } from '../orchestrator/build/calibrate/run-suite.js';
import { suiteOf } from '../orchestrator/build/calibrate/suite.js';
import { COMPOSE_FILE } from '../orchestrator/build/catalogue/compose-file.js';
import { BenchError } from '../orchestrator/build/errors.js';
import { newRunId } from '../orchestrator/build/measure/describe-run.js';
import { chooseEquipment } from '../orchestrator/build/measure/equipment.js';
import { atWorkbench } from '../orchestrator/build/measure/workbench.js';
import { dockerAnswers } from '../orchestrator/build/runtime/docker/connect.js';
import { VERSION } from '../orchestrator/build/version.js';
import { observerRows, planRow, rulerRows, watchingRow } from './support/ruler-rows.mjs';
import { refuse, scriptOptions, someOf } from './support/script-options.mjs';

const RUN_PROGRAM = fileURLToPath(new URL('../orchestrator/dist/run.js', import.meta.url));
const PARTS = ['observer', 'ruler', 'plan'];
const RUNTIMES = ['process', 'docker'];
/** Seconds: of the ordinary plan, 30 a cell in six blocks. */
const WINDOW_S = 5;

const options = scriptOptions({
  quick: false,
  passes: 3,
  only: undefined,
  runtimes: undefined,
  gateways: 'nginx',
  'mock-port': 9999,
  output: undefined,
});
const parts = someOf('only', options.only, PARTS);
const runtimes = someOf('runtimes', options.runtimes, RUNTIMES);
const passes = Math.round(options.passes);
const suite = suiteOf(options.quick);
const [ruler] = suite.runs;
// A pass has its share of the pairs that a certificate needs.
const observer = { ...suite.observer, blocks: Math.ceil(suiteOf(false).observer.blocks / 2 / (options.quick ? 2 : 1)) };

const estimates = {
  observer: () => runtimes.length * minutesOf(observer),
  ruler: () => minutesOf(ruler),
  // Of `direct` twice and each gateway: its trials are a window, a warm-up and what lies around.
  plan: () => ((2 + gatewayCount()) * planCells() * (WINDOW_S + 2.3)) / 60,
};
const measureParts = {
  observer: async (pass) => {
    for (const runtime of runtimes) await inSuite(pass, runtime, observer, measured.observer[runtime]);
  },
  ruler: async (pass) => inSuite(pass, 'process', ruler, measured.ruler),
  plan: async (pass) => measured.plan.push(await timeOfPlan(pass)),
};

const output = options.output ?? mkdtempSync(join(tmpdir(), 'ruler-table-'));
const measured = { observer: { process: [], docker: [] }, ruler: [], plan: [] };
const answer = runtimes.includes('docker') ? await dockerAnswers() : { answers: true, detail: '' };
const noDocker = answer.answers ? null : answer.detail;
if (noDocker !== null) runtimes.splice(runtimes.indexOf('docker'), 1);

console.log(
  `crabllm-bench ${VERSION}, Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'CPU'}, ${type()} ${release()}`,
);
const minutes = passes * parts.reduce((sum, part) => sum + estimates[part](), 0);
console.log(
  `${passes} passes of ${parts.join(', ')} on ${runtimes.join(' and ')}: about ${Math.ceil(minutes)} minutes` +
    (noDocker === null ? '' : `; without docker: ${noDocker}`),
);
try {
  for (let pass = 1; pass <= passes; pass++)
    // Turned round, so that no part is always the first.
    for (const part of pass % 2 === 1 ? parts : parts.toReversed()) await measureParts[part](pass);
  printTable();
} catch (error) {
  if (!(error instanceof BenchError)) throw error;
  // Not by refuse, which would leave the runs of a folder that nobody asked for.
  console.error(`ruler-table.mjs: ${error.message}`);
  process.exitCode = error.exitCode;
} finally {
  if (options.output === undefined) rmSync(output, { recursive: true, force: true });
}

/** One run of the calibration's suite, by the ordinary way. */
async function inSuite(pass, runtime, run, into) {
  const choice = { runtime, driver: /** @type {const} */ ('native'), externals: [] };
  const request = {
    quick: options.quick,
    output: join(output, `pass-${pass}`, runtime),
    mockPort: options['mock-port'],
    seed: pass,
    resume: options.output !== undefined,
  };
  await atWorkbench(
    (tell) => chooseEquipment(choice, newRunId(), [COMPOSE_FILE], tell),
    async (bench) => into.push(await measureRun(request, bench, run)),
  );
}

/** Where the time of a run of the ordinary plan goes: one block of it, with windows, warm-ups and levels as they are by themselves. */
async function timeOfPlan(pass) {
  const directory = join(output, `pass-${pass}`, 'plan');
  const plan = {
    runtime: 'process',
    driver: 'native',
    gateways: options.gateways,
    blocks: 1,
    duration: WINDOW_S,
    'second-chances': 0,
    seed: pass,
    'mock-port': options['mock-port'],
    output: directory,
    ...(options.quick ? { scenarios: 'chat-minimal', rps: '100 500 1000' } : {}),
  };
  const words = Object.entries(plan).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { status, stderr } = spawnSync(process.execPath, [RUN_PROGRAM, 'bench', '--no-config', ...words], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0 && status !== 3) refuse(`bench ended with ${status}: ${stderr.trim().split('\n').at(-1)}`);
  return JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8'));
}

function printTable() {
  const runs = [...measured.observer.process, ...measured.ruler].map(({ run }) => run);
  const rows = [
    ...runtimes.flatMap((runtime) => observerRows(runtime, measured.observer[runtime])),
    ...rulerRows(measured.ruler, ruler.relays),
    ...planRow(measured.plan, WINDOW_S),
    ...watchingRow(runs),
  ];
  console.log('\n| what | figure | interval | to reach | |\n| --- | ---: | --- | --- | --- |');
  for (const { what, figure, interval, wanted, outcome } of rows)
    console.log(`| ${what} | ${figure} | ${interval} | ${wanted} | **${outcome}** |`);
}

function minutesOf({ relays, scenarios, blocks, measureMs, warmupMs }) {
  const cells = scenarios.reduce((sum, { levels }) => sum + levels.length, 0);
  const visitMs = 3000 + cells * (measureMs + warmupMs + 900);
  return (blocks * (relays.length + 2) * visitMs) / 60_000;
}

function gatewayCount() {
  return options.gateways.split(',').length;
}

function planCells() {
  return options.quick ? 3 : 15;
}
