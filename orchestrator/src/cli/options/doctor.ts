import type { Options } from 'yargs';
import { needsNativeDriver } from '../../measure/equipment.js';
import { CLUSTER_OPTIONS, type ClusterOptions, readClusterOptions } from './cluster.js';
import { flagOption, type RawOptions, refuseBeside, textOption, valueOf } from './command.js';
import { parseChoice, parseMockPort } from './values.js';

/** What a person asked of `doctor`, checked. */
export interface DoctorOptions {
  readonly runtime: 'auto' | 'docker' | 'process' | 'kubernetes';
  readonly driver: 'oha' | 'native' | null;
  readonly mockPort: number | null;
  readonly selfTest: boolean;
  readonly json: boolean;
  /** The cluster that is asked about; null: this machine is. */
  readonly cluster: ClusterOptions | null;
}

const HOW = 'How';

/** Of the options of a run on a cluster, those that say where it is and how its Pods are made. */
const OF_A_CLUSTER = [
  'kubeconfig',
  'context',
  'namespace',
  'network',
  'cpu-limit',
  'watch',
  'pod-security',
  'image-registry',
  'image',
];

/** yargs' description of the options of `doctor`. */
export const DOCTOR_OPTIONS: Readonly<Record<string, Options>> = {
  runtime: textOption(
    HOW,
    'What starts the mock: auto, docker, process; kubernetes: what a cluster can show',
    'auto: docker when an engine answers',
  ),
  driver: textOption(HOW, 'What makes the load: oha, native', 'oha with docker, else native'),
  'mock-port': textOption(HOW, 'Port of the mock', '9999'),
  'skip-self-test': flagOption(
    HOW,
    'Look only: three seconds instead of forty; in a cluster nothing is created, and nothing measured',
  ),
  json: flagOption(HOW, 'Print everything as JSON'),
  ...Object.fromEntries(Object.entries(CLUSTER_OPTIONS).filter(([name]) => OF_A_CLUSTER.includes(name))),
};

/** Checks every value of `doctor`. @throws BenchError `bad-value`, `driver-needs-runtime`, exit code 2 */
export function readDoctorOptions(given: RawOptions): DoctorOptions {
  const asked = valueOf(given, 'driver');
  const driver = asked === undefined ? null : parseChoice('driver', asked, ['oha', 'native'] as const);
  const runtime = parseChoice('runtime', valueOf(given, 'runtime') ?? 'auto', [
    'auto',
    'docker',
    'process',
    'kubernetes',
  ]);
  const cluster = readClusterOptions(given, runtime);
  if (cluster !== null) {
    refuseBeside(
      given,
      'runtime kubernetes',
      ['mock-port'],
      'There the mock has an address of its own, and the port that the compose file says.',
    );
    if (driver === 'oha') throw needsNativeDriver();
  }
  return {
    runtime,
    driver,
    mockPort: parseMockPort(valueOf(given, 'mock-port')),
    selfTest: given['skip-self-test'] !== true,
    json: given['json'] === true,
    cluster,
  };
}
