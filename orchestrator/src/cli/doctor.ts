import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeCertificate } from '../certificate/line.js';
import { CertificateStore } from '../certificate/store.js';
import { SCENARIOS } from '../catalogue/scenarios.js';
import { diagnose } from '../doctor/diagnosis.js';
import { type Findings, readHostFacts, type SelfTest } from '../doctor/host-facts.js';
import { measureLoopback } from '../doctor/loopback.js';
import { renderDiagnosis } from '../doctor/text.js';
import { measureClockStep, measureOversleep } from '../doctor/timers.js';
import { EXIT, type ExitCode } from '../errors.js';
import { pause } from '../pause.js';
import type { PlannedScenario } from '../plan/plan.js';
import { formatLevel } from '../record/cell.js';
import type { Summary } from '../record/summary.js';
import { styleOf } from '../report/terminal-style.js';
import { startHostSampling } from '../resources/host-sampling.js';
import { BenchHome } from '../runtime/process/bench-home.js';
import type { Command } from './options/command.js';
import { COMPOSE_FILE } from '../catalogue/compose-file.js';
import { describeHost } from '../measure/describe-host.js';
import { newRunId } from '../measure/describe-run.js';
import { DOCTOR_OPTIONS, type DoctorOptions, readDoctorOptions } from './options/doctor.js';
import { chooseEquipment, type Equipment } from '../measure/equipment.js';
import { measureInner } from '../measure/inner-run.js';
import { atWorkbench, type Workbench } from '../measure/workbench.js';

/** How long the machine is watched before anything runs. */
const WATCH_MS = 2000;
/** Half a minute of direct against direct; what a start takes comes on top. */
const SELF_TEST = { blocks: 4, measureMs: 750, warmupMs: 250, rps: 250, scenarios: ['chat-minimal', 'chat-stream'] };

/** Says beforehand what a run on this machine can show. */
export const doctorCommand: Command = {
  name: 'doctor',
  about: 'Say what this machine can and cannot show, before anything is measured on it',
  words: [],
  options: DOCTOR_OPTIONS,
  examples: [
    ['', 'forty seconds'],
    ['--skip-self-test', 'three seconds, without the noise floor'],
  ],
  run: (given) => doctor(readDoctorOptions(given)),
};

async function doctor(options: DoctorOptions): Promise<ExitCode> {
  const choice = { runtime: options.runtime, driver: options.driver, externals: [] };
  return atWorkbench(
    (tell) => chooseEquipment(choice, newRunId(), [COMPOSE_FILE], tell),
    async (bench) => {
      show(await examine(options, bench), bench.equipment, options);
      return EXIT.ok;
    },
  );
}

async function examine({ selfTest, mockPort }: DoctorOptions, bench: Workbench): Promise<Findings> {
  const { equipment, progress, interrupt } = bench;
  progress.doing('watching the machine');
  const sampling = startHostSampling(cpus().length);
  await pause(WATCH_MS, interrupt.signal);
  const idle = await sampling.finish(null);
  const clockStepUs = measureClockStep();
  const { roundTrip: loopback, mayRunFirst } = await measureLoopback();
  const oversleep = measureOversleep();
  const tested = selfTest ? await testSelf(mockPort, bench) : null;
  const runtime = { kind: equipment.runtime.kind, versions: await equipment.runtime.versions() };
  progress.end();
  return { host: readHostFacts(mayRunFirst), idle, clockStepUs, oversleep, loopback, runtime, selfTest: tested };
}

function show(findings: Findings, { driver, runtime }: Equipment, { json }: DoctorOptions): void {
  const diagnosis = diagnose(findings);
  const ruler = { host: describeHost(), driver: driver.name, runtime: runtime.kind };
  const certificate = new CertificateStore(new BenchHome().certificatesDirectory).newestFor(ruler);
  const { text: certified } = describeCertificate(certificate, ruler, new Date().toISOString());
  process.stdout.write(
    json
      ? `${JSON.stringify({ schemaVersion: 1, ...diagnosis, certificate: certified, findings }, null, 2)}\n`
      : `${renderDiagnosis(diagnosis, certified, styleOf(process.stdout, process.env))}\n`,
  );
}

/** Direct against direct by the ordinary way, in a directory that is gone afterwards. */
async function testSelf(mockPort: number | null, workbench: Workbench): Promise<SelfTest> {
  const output = mkdtempSync(join(tmpdir(), 'crabllm-bench-doctor-'));
  const scenarios = SCENARIOS.filter(({ name }) => SELF_TEST.scenarios.includes(name)).map(
    (scenario): PlannedScenario => ({ scenario, levels: [{ kind: 'rps', value: SELF_TEST.rps }] }),
  );
  try {
    const run = { ...SELF_TEST, name: 'self-test', gateways: () => [], scenarios, seed: 1, mockPort, output };
    return selfTestOf(await measureInner(run, workbench));
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

function selfTestOf({ run, noiseFloor, cells }: Summary): SelfTest {
  return {
    driver: run.driver,
    blocks: run.blocks.done,
    levels: noiseFloor.map(({ scenario, level, p50Us, p99Us }) => {
      const direct = cells.find((cell) => cell.scenario === scenario && cell.level.value === level.value);
      const value = (name: 'p50' | 'p99'): number | null => direct?.latencyUs[name]?.value ?? null;
      return {
        scenario,
        level: formatLevel(level),
        direct: { p50Us: value('p50'), p99Us: value('p99') },
        floor: { p50Us, p99Us },
      };
    }),
  };
}
