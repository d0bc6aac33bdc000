import { join } from 'node:path';
import type { Certificate } from '../certificate/certificate.js';
import { describeErratic, describeObserver, renderCertificate } from '../certificate/markdown.js';
import { CertificateStore } from '../certificate/store.js';
import { isWrong, outcomeOfBlame } from '../calibrate/blame.js';
import { blamePage, type BlameTable, renderBlame } from '../calibrate/blame-table.js';
import { type ConductTable, renderConduct } from '../calibrate/conduct-table.js';
import { isRight } from '../calibrate/judge-conduct.js';
import { runBlame } from '../calibrate/run-blame.js';
import { runConduct } from '../calibrate/run-conduct.js';
import { type ErraticResult, missesOfErratic } from '../calibrate/erratic.js';
import type { ObserverResult } from '../calibrate/observer.js';
import { runErratic, runObserver, runSuite } from '../calibrate/run-suite.js';
import { EXIT, type ExitCode, messageOf } from '../errors.js';
import type { Progress } from '../measure/progress.js';
import { RunWriter } from '../record/run-directory.js';
import { BenchHome } from '../runtime/process/bench-home.js';
import { type DriversRow, renderDrivers } from '../calibrate/drivers-table.js';
import { compareDrivers } from '../calibrate/run-drivers.js';
import { CALIBRATE_OPTIONS, type CalibrateOptions, readCalibrateOptions } from './options/calibrate.js';
import type { Command } from './options/command.js';
import { newRunId } from '../measure/describe-run.js';
import { chooseEquipment } from '../measure/equipment.js';
import { readCatalogue } from '../catalogue/catalogue.js';
import { COMPOSE_FILE } from '../catalogue/compose-file.js';
import { coresWanted } from '../measure/pinning.js';
import { writeCertificate } from '../certificate/with-run.js';
import { describeHost } from '../measure/describe-host.js';
import { atWorkbench, type Workbench } from '../measure/workbench.js';
import { VERSION } from '../version.js';

/** Proves the ruler before it judges others. */
export const calibrateCommand: Command = {
  name: 'calibrate',
  about: 'Measure gateways with known delays and faults, and certify what this machine can tell apart',
  words: [],
  options: CALIBRATE_OPTIONS,
  examples: [
    ['', 'some twenty-five minutes'],
    ['--quick', 'five minutes'],
    ['--drivers', 'oha against the native driver'],
    ['--only blame', 'whether a stop is blamed on whom it was: gateway, mock, driver (--quick: one minute)'],
    ['--only observer', 'whether watching a target changes its latencies'],
    ['--only erratic', 'whether an erratic target is called so, and blurs no other: six minutes (--quick: three)'],
    ['--only conduct', 'whether the rows of conduct recover planted policies of trying again: seven minutes'],
  ],
  run: (given) => calibrate(readCalibrateOptions(given)),
};

async function calibrate(options: CalibrateOptions): Promise<ExitCode> {
  const { runtime, driver, pin, awake } = options;
  const nativeOnly = awake === null ? [] : ['--awake'];
  const choice = { runtime, driver, pin, awake, nativeOnly, externals: [] };
  const wanted = coresWanted(readCatalogue([COMPOSE_FILE]));
  return atWorkbench(
    (tell) => chooseEquipment(choice, newRunId(), [COMPOSE_FILE], tell, wanted),
    async (bench) => {
      if (options.drivers) return showDrivers(await compareDrivers(options, bench), options.json);
      if (options.only === 'observer') return showObserver(await runObserver(options, bench), options.json);
      if (options.only === 'erratic') return showErratic(await runErratic(options, bench), options.json);
      if (options.only === 'blame') return experimentWithBlame(options, bench);
      if (options.only === 'conduct') return experimentWithConduct(options, bench);
      const certificate = await runSuite(options, bench);
      keep(options, certificate, bench.progress);
      process.stdout.write(options.json ? `${JSON.stringify(certificate, null, 2)}\n` : renderCertificate(certificate));
      return certificate.misses.length === 0 ? EXIT.ok : EXIT.incomplete;
    },
  );
}

function showDrivers(rows: readonly DriversRow[], json: boolean): ExitCode {
  process.stdout.write(json ? `${JSON.stringify(rows, null, 2)}\n` : renderDrivers(rows));
  const same = rows.every(({ agreement: { medians, rates } }) => medians === 'same' && rates === 'same');
  return same ? EXIT.ok : EXIT.incomplete;
}

function showObserver(result: ObserverResult, json: boolean): ExitCode {
  const text = json
    ? JSON.stringify(result, null, 2)
    : `watched over not watched, ${result.outcome}: ${describeObserver(result)}`;
  process.stdout.write(`${text}\n`);
  return result.outcome === 'missed' ? EXIT.incomplete : EXIT.ok;
}

function showErratic(result: ErraticResult, json: boolean): ExitCode {
  const lines = [
    `an erratic target beside steady ones, ${result.outcome}: ${describeErratic(result)}`,
    ...missesOfErratic(result).map((miss) => `- ${miss}`),
  ];
  process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : `${lines.join('\n')}\n`);
  return result.outcome === 'missed' ? EXIT.incomplete : EXIT.ok;
}

/** Zero where nobody was blamed wrongly and at least one stop could be judged. */
async function experimentWithBlame(options: CalibrateOptions, bench: Workbench): Promise<ExitCode> {
  // Before anything is measured: a directory that cannot be written to would take the table with it.
  const writer = new RunWriter(options.output);
  const rows = await runBlame(options, bench);
  const table: BlameTable = {
    schemaVersion: 1,
    madeAt: new Date().toISOString(),
    quick: options.quick,
    version: VERSION,
    host: describeHost(),
    outcome: outcomeOfBlame(rows),
    rows,
  };
  writer.writeJson('blame.json', table);
  writer.writeFile('blame.md', blamePage(table));
  bench.progress.tell(`wrote ${join(options.output, 'blame.md')}`);
  process.stdout.write(options.json ? `${JSON.stringify(table, null, 2)}\n` : renderBlame(rows));
  const judged = rows.some(({ outcome }) => outcome !== 'not-judged');
  return judged && !rows.some(isWrong) ? EXIT.ok : EXIT.incomplete;
}

/** Zero where every planted row was recovered and nobody is accused of what it does not do. */
async function experimentWithConduct(options: CalibrateOptions, bench: Workbench): Promise<ExitCode> {
  const writer = new RunWriter(options.output);
  const policies = await runConduct(options, bench);
  const table: ConductTable = { schemaVersion: 1, madeAt: new Date().toISOString(), version: VERSION, policies };
  writer.writeJson('conduct.json', table);
  writer.writeFile('conduct.md', renderConduct(policies));
  bench.progress.tell(`wrote ${join(options.output, 'conduct.md')}`);
  process.stdout.write(options.json ? `${JSON.stringify(table, null, 2)}\n` : renderConduct(policies));
  return policies.every(isRight) ? EXIT.ok : EXIT.incomplete;
}

/** Beside its runs, and where later reports of this machine find it, unless it is of a ruler that was laid out in a way of its own. */
function keep({ output: directory, pin, awake }: CalibrateOptions, certificate: Certificate, progress: Progress): void {
  writeCertificate(new RunWriter(directory), certificate);
  const own = [...(pin.kind === 'none' ? [] : ['--pin']), ...(awake === null ? [] : ['--awake'])];
  if (own.length > 0)
    progress.tell(
      `${own.join(' and ')}: the certificate speaks for no run without, so that later reports do not quote it`,
    );
  else keepForReports(certificate, progress);
  progress.tell(`wrote ${join(directory, 'certificate.md')}`);
}

function keepForReports(certificate: Certificate, progress: Progress): void {
  try {
    new CertificateStore(new BenchHome().certificatesDirectory).keep(certificate);
  } catch (thrown) {
    progress.tell(`later reports will not find the certificate: ${messageOf(thrown)}`);
  }
}
