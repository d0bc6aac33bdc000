import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate } from '../certificate/certificate.js';
import { renderCertificate } from '../certificate/markdown.js';
import { CertificateStore } from '../certificate/store.js';
import { type CalibrationRun, judgeCalibration } from '../calibrate/judge.js';
import { PLANTED_FILE, plantedRecordSchema } from '../calibrate/planted-record.js';
import { relayService } from '../calibrate/relays.js';
import { type SuiteRun, suiteOf } from '../calibrate/suite.js';
import { WatchedRuntime } from '../calibrate/watched-runtime.js';
import { EXIT, type ExitCode, messageOf } from '../errors.js';
import type { Progress } from '../measure/progress.js';
import { holdsRun, readRun, RunWriter } from '../record/run-directory.js';
import { BenchHome } from '../runtime/process/bench-home.js';
import { calibrateDrivers } from '../calibrate/run-drivers.js';
import { CALIBRATE_OPTIONS, type CalibrateOptions, readCalibrateOptions } from './options/calibrate.js';
import type { Command } from './options/command.js';
import { newRunId } from '../measure/describe-run.js';
import { chooseEquipment, type Equipment } from '../measure/equipment.js';
import { measureInner } from '../measure/inner-run.js';
import { COMPOSE_FILE } from '../catalogue/compose-file.js';
import { writeCertificate } from '../certificate/with-run.js';
import { atWorkbench, type Workbench } from '../measure/workbench.js';

/** Proves the ruler before it judges others. */
export const calibrateCommand: Command = {
  name: 'calibrate',
  about: 'Measure gateways with known delays and faults, and certify what this machine can tell apart',
  words: [],
  options: CALIBRATE_OPTIONS,
  examples: [
    ['', 'some twenty minutes'],
    ['--quick', 'four minutes'],
    ['--drivers', 'oha against the native driver'],
  ],
  run: (given) => calibrate(readCalibrateOptions(given)),
};

/** What all runs of a calibration share. */
interface Bench extends Workbench {
  readonly options: CalibrateOptions;
}

async function calibrate(options: CalibrateOptions): Promise<ExitCode> {
  const choice = { runtime: options.runtime, driver: options.driver, externals: [] };
  return atWorkbench(
    (tell) => chooseEquipment(choice, newRunId(), [COMPOSE_FILE], tell),
    async (bench) => {
      if (options.drivers) return calibrateDrivers(options, bench);
      const certificate = await measureAll({ options, ...bench });
      keep(options.output, certificate, bench.progress);
      process.stdout.write(options.json ? `${JSON.stringify(certificate, null, 2)}\n` : renderCertificate(certificate));
      return certificate.misses.length === 0 ? EXIT.ok : EXIT.incomplete;
    },
  );
}

async function measureAll(bench: Bench): Promise<Certificate> {
  const suite = suiteOf(bench.options.quick);
  const runs: CalibrationRun[] = [];
  for (const run of suite.runs) runs.push(await measureRun(bench, run));
  const sins = await measureRun(bench, suite.sins);
  return judgeCalibration({
    madeAt: new Date().toISOString(),
    quick: bench.options.quick,
    runs,
    sins,
    delayed: suite.runs[0]?.relays ?? [],
    sinful: suite.sins.relays,
  });
}

/** One run by the ordinary way; who measures is not told which gateway does what. */
async function measureRun({ options, equipment, progress, interrupt }: Bench, run: SuiteRun): Promise<CalibrationRun> {
  const directory = join(options.output, run.name);
  const earlier = options.resume ? readWhole(directory, run, equipment) : null;
  if (earlier !== null) {
    progress.tell(`calibrate: ${run.name} is there already`);
    return earlier;
  }
  progress.tell(`calibrate: ${run.name}`);
  const runtime = new WatchedRuntime(
    equipment.runtime,
    run.relays.map(({ name }) => name),
  );
  await measureInner(
    {
      ...run,
      gateways: (mock) => run.relays.map((relay, i) => relayService(relay, i, mock)),
      seed: options.seed,
      mockPort: options.mockPort,
      output: directory,
    },
    { equipment: { ...equipment, runtime }, progress, interrupt },
  );
  const planted = runtime.takeRecord();
  new RunWriter(directory).writeFile(PLANTED_FILE, `${JSON.stringify(planted)}\n`);
  return { run: readRun(directory), planted };
}

/** A run of this suite that was measured to its end, with what was planted; null when there is none. */
function readWhole(
  directory: string,
  { blocks, relays }: SuiteRun,
  { runtime, driver }: Equipment,
): CalibrationRun | null {
  const path = join(directory, PLANTED_FILE);
  if (!holdsRun(directory) || !existsSync(path)) return null;
  const run = readRun(directory);
  const { manifest } = run;
  const same =
    manifest.runtime === runtime.kind &&
    manifest.driver === driver.name &&
    manifest.blocks === blocks &&
    relays.every(({ name }) => manifest.targets.some((t) => t.name === name));
  if (!manifest.complete || !same) return null;
  return { run, planted: plantedRecordSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) };
}

/** Beside its runs, and where later reports of this machine find it. */
function keep(directory: string, certificate: Certificate, progress: Progress): void {
  writeCertificate(new RunWriter(directory), certificate);
  try {
    new CertificateStore(new BenchHome().certificatesDirectory).keep(certificate);
  } catch (thrown) {
    progress.tell(`later reports will not find the certificate: ${messageOf(thrown)}`);
  }
  progress.tell(`wrote ${join(directory, 'certificate.md')}`);
}
