import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCatalogue } from '../catalogue/catalogue.js';
import { type Examination, type SelfTest, diagnose, smallestOverhead } from '../doctor/diagnose.js';
import { renderExamination } from '../doctor/examination-text.js';
import { readMachine } from '../doctor/machine.js';
import { probeLoopback, probeSleep } from '../doctor/probes.js';
import { EXIT, type ExitCode } from '../errors.js';
import { createProgress } from '../progress.js';
import { styleOf } from '../report/terminal-style.js';
import { startHostSampling } from '../resources/host-sampling.js';
import { dockerAnswers } from '../runtime/docker/connect.js';
import { BENCH_OPTIONS, type BenchOptions, readBenchOptions } from './bench-options.js';
import { chosenScenarios } from './chosen-scenarios.js';
import { type Command, type RawOptions, flagOption } from './command.js';
import { COMPOSE_FILE } from './compose-file.js';
import { newRunId } from './describe-run.js';
import { chooseEquipment } from './equipment.js';
import { type Interrupt, watchInterrupts } from './interrupt.js';
import { measure } from './measure.js';

/** How long the machine is watched while nothing is measured. */
const IDLE_MS = 2000;

/** `direct` against itself: half a minute, and requests enough for a 99th percentile in each trial. */
const SELF_TEST: RawOptions = {
  gateways: '',
  scenarios: 'chat-minimal',
  rps: '500',
  blocks: '4',
  duration: '6',
  warmup: '0.5',
};

/** Says before a run what the machine can show. */
export const doctorCommand: Command = {
  name: 'doctor',
  about: 'Examine this machine: what it can show, and the smallest overhead that can be told here',
  words: [],
  options: {
    ...Object.fromEntries(
      Object.entries(BENCH_OPTIONS).filter(([name]) => ['runtime', 'driver', 'mock-port'].includes(name)),
    ),
    json: flagOption('What is shown:', 'Print everything that was found as JSON'),
  },
  examples: [
    ['', 'half a minute'],
    ['--runtime process', 'as a run without an engine would be'],
  ],
  run: examine,
};

async function examine({ json, ...equipment }: RawOptions): Promise<ExitCode> {
  const raw = { ...SELF_TEST, ...equipment, output: join(tmpdir(), `crabllm-bench-doctor-${newRunId()}`) };
  const options = readBenchOptions(raw);
  const progress = createProgress(process.stderr);
  const interrupt = watchInterrupts((line) => progress.tell(line));
  try {
    progress.tell('doctor: looking at the machine');
    const machine = await readMachine();
    const resting = await startHostSampling(machine.cpus);
    await sleep(IDLE_MS, undefined, { signal: interrupt.signal });
    const idle = await resting.finish();
    const seen = { machine, engine: await dockerAnswers(), idle, sleep: probeSleep(), loopback: await probeLoopback() };
    progress.tell('doctor: measuring the mock against itself, half a minute');
    const working = await startHostSampling(machine.cpus);
    const selfTest = await testSelf(options, raw, interrupt);
    print({ ...seen, busy: await working.finish(), selfTest }, json === true);
    return EXIT.ok;
  } finally {
    progress.end();
    interrupt.release();
    await rm(options.output, { recursive: true, force: true });
  }
}

function print(examination: Examination, json: boolean): void {
  const { stdout } = process;
  if (!json) {
    stdout.write(`${renderExamination(examination, styleOf(stdout, process.env))}\n`);
    return;
  }
  const whole = {
    schemaVersion: 1,
    ...examination,
    remarks: diagnose(examination),
    smallestOverheadUs: smallestOverhead(examination.selfTest),
  };
  stdout.write(`${JSON.stringify(whole, null, 2)}\n`);
}

/** An ordinary run without gateways, by the ordinary way. */
async function testSelf(options: BenchOptions, raw: RawOptions, interrupt: Interrupt): Promise<SelfTest> {
  const runId = newRunId();
  const equipment = await chooseEquipment(options, runId, [COMPOSE_FILE], () => {});
  interrupt.onSecond(() => equipment.runtime.close());
  try {
    const { summary, failure } = await measure({
      options,
      raw,
      runId,
      catalogue: readCatalogue([COMPOSE_FILE]),
      scenarios: chosenScenarios(options),
      equipment,
      stored: null,
      progress: SILENT,
      interrupt,
    });
    const [cell] = summary.cells;
    if (failure !== null || cell === undefined) throw failure ?? new Error('a run without a cell');
    return {
      runtime: summary.run.runtime,
      driver: summary.run.driver,
      blocks: summary.run.blocks.done,
      cell,
      noiseFloor: summary.noiseFloor[0] ?? null,
    };
  } finally {
    await equipment.driver.close();
    await equipment.runtime.close();
  }
}

const SILENT = {
  begin: () => {},
  table: () => {},
  end: () => {},
  tell: () => {},
  doing: () => {},
  trialDone: () => {},
  blockDone: () => {},
};
