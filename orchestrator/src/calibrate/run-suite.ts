import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate } from '../certificate/certificate.js';
import { measureInner } from '../measure/inner-run.js';
import type { Equipment } from '../measure/equipment.js';
import type { Workbench } from '../measure/workbench.js';
import { holdsRun, readRun, RunWriter } from '../record/run-directory.js';
import { outcomeOfBlame } from './blame.js';
import { type ErraticResult, judgeErratic } from './erratic.js';
import { type Calibration, type CalibrationRun, judgeCalibration } from './judge.js';
import { conductPart } from './judge-conduct.js';
import { runBlame, whyNoBlame } from './run-blame.js';
import { runConduct } from './run-conduct.js';
import { judgeObserver, type ObserverResult } from './observer.js';
import { PLANTED_FILE, plantedRecordSchema } from './planted-record.js';
import { relayService } from './relays.js';
import type { CalibrationRequest } from './request.js';
import { type SuiteRun, suiteOf } from './suite.js';
import { WatchedRuntime } from './watched-runtime.js';

/**
 * Measures every run of the suite and judges them together.
 * @throws BenchError whatever ended a run before its plan did
 */
export async function runSuite(request: CalibrationRequest, bench: Workbench): Promise<Certificate> {
  const suite = suiteOf(request.quick);
  const runs: CalibrationRun[] = [];
  for (const run of suite.runs) runs.push(await measureRun(request, bench, run));
  const sins = await measureRun(request, bench, suite.sins);
  const observer = await measureRun(request, bench, suite.observer);
  const erratic = request.quick ? null : await measureRun(request, bench, suite.erratic);
  const blame = await blameOf(request, bench);
  const conduct = request.quick ? null : conductPart(await runConduct(request, bench));
  return judgeCalibration({
    madeAt: new Date().toISOString(),
    quick: request.quick,
    runs,
    sins,
    observer: observer.run,
    erratic,
    blame,
    conduct,
    delayed: suite.runs[0]?.relays ?? [],
    sinful: suite.sins.relays,
  });
}

/** The short table: a certificate says that blame is put right, and `--only blame` at which rates and rhythms. */
async function blameOf(request: CalibrationRequest, bench: Workbench): Promise<Calibration['blame']> {
  const why = whyNoBlame(bench);
  if (why !== null) return { outcome: 'not-offered', reason: why };
  const rows = await runBlame({ ...request, quick: true }, bench);
  return { outcome: outcomeOfBlame(rows), rows };
}

/** Only whether watching a target changes its latencies. @throws as {@link runSuite} */
export async function runObserver(request: CalibrationRequest, bench: Workbench): Promise<ObserverResult> {
  return judgeObserver((await measureRun(request, bench, suiteOf(request.quick).observer)).run);
}

/** Only whether an erratic target is told to be one, and blurs no other. @throws as {@link runSuite} */
export async function runErratic(request: CalibrationRequest, bench: Workbench): Promise<ErraticResult> {
  const { run, planted } = await measureRun(request, bench, suiteOf(request.quick).erratic);
  return judgeErratic(run, planted);
}

/**
 * One run by the ordinary way; who measures is not told which gateway does what.
 * @throws as {@link runSuite}
 */
export async function measureRun(
  request: CalibrationRequest,
  { equipment, progress, interrupt }: Workbench,
  run: SuiteRun,
): Promise<CalibrationRun> {
  const directory = join(request.output, run.name);
  const earlier = request.resume ? readWhole(directory, run, equipment) : null;
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
      seed: request.seed,
      mockPort: request.mockPort,
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
