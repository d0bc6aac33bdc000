import { describeCertificate } from '../certificate/line.js';
import { CertificateStore } from '../certificate/store.js';
import { diagnose } from '../doctor/diagnosis.js';
import { examine } from '../doctor/examine.js';
import type { Findings } from '../doctor/host-facts.js';
import { renderDiagnosis } from '../doctor/text.js';
import { EXIT, type ExitCode } from '../errors.js';
import { styleOf } from '../report/terminal-style.js';
import { BenchHome } from '../runtime/process/bench-home.js';
import type { Command } from './options/command.js';
import { COMPOSE_FILE } from '../catalogue/compose-file.js';
import { describeHost } from '../measure/describe-host.js';
import { newRunId } from '../measure/describe-run.js';
import { DOCTOR_OPTIONS, type DoctorOptions, readDoctorOptions } from './options/doctor.js';
import { doctorOnCluster } from './doctor-on-cluster.js';
import { chooseEquipment, type Equipment } from '../measure/equipment.js';
import { atWorkbench } from '../measure/workbench.js';

/** Says beforehand what a run on this machine can show. */
export const doctorCommand: Command = {
  name: 'doctor',
  about: 'Say what this machine, or a cluster, can and cannot show, before anything is measured on it',
  words: [],
  options: DOCTOR_OPTIONS,
  examples: [
    ['', 'forty seconds'],
    ['--skip-self-test', 'three seconds, without the noise floor'],
    [
      '--runtime kubernetes',
      'a cluster in the place of this machine: nodes, rights, images, noise floors, and what to change',
    ],
  ],
  run: (given) => doctor(readDoctorOptions(given)),
};

async function doctor(options: DoctorOptions): Promise<ExitCode> {
  if (options.cluster !== null) return doctorOnCluster(options.cluster, options);
  const choice = { runtime: options.runtime, driver: options.driver, externals: [] };
  return atWorkbench(
    (tell) => chooseEquipment(choice, newRunId(), [COMPOSE_FILE], tell),
    async (bench) => {
      show(await examine(options, bench), bench.equipment, options);
      return EXIT.ok;
    },
  );
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
