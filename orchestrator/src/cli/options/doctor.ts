import type { Options } from 'yargs';
import { TOKEN_VARIABLE } from '../../agent/wire.js';
import type { Peer } from '../../doctor/peers.js';
import { usageError } from '../../errors.js';
import { needsNativeDriver } from '../../measure/equipment.js';
import { CLUSTER_OPTIONS, type ClusterOptions, readClusterOptions } from './cluster.js';
import { flagOption, type RawOptions, refuseBeside, textOption, valueOf } from './command.js';
import { parseNamedAddresses, readToken } from './elsewhere.js';
import { parseChoice, parseMockPort } from './values.js';

/** What a person asked of `doctor`, checked. */
export interface DoctorOptions {
  readonly runtime: 'auto' | 'docker' | 'process' | 'kubernetes';
  readonly driver: 'oha' | 'native' | null;
  readonly mockPort: number | null;
  readonly selfTest: boolean;
  readonly json: boolean;
  /** Those elsewhere who are asked for the time, and the token that lets them answer. */
  readonly peers: readonly Peer[];
  readonly token: string;
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
  ask: textOption(
    HOW,
    'NAME=URL,…: how far other machines are, and their clocks, by `agent --duty watch --listen` there',
  ),
  'token-file': textOption(HOW, 'With --ask: file with the token of those agents', `the variable ${TOKEN_VARIABLE}`),
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
    refuseBeside(given, 'runtime kubernetes', ['ask', 'token-file'], 'There the nodes of the roles ask each other.');
    if (driver === 'oha') throw needsNativeDriver();
  }
  return {
    runtime,
    driver,
    mockPort: parseMockPort(valueOf(given, 'mock-port')),
    selfTest: given['skip-self-test'] !== true,
    json: given['json'] === true,
    ...readPeers(given),
    cluster,
  };
}

function readPeers(given: RawOptions): Pick<DoctorOptions, 'peers' | 'token'> {
  const [ask, file] = [valueOf(given, 'ask'), valueOf(given, 'token-file')];
  if (ask !== undefined) return { peers: parseNamedAddresses('ask', ask), token: readToken(file) };
  if (file === undefined) return { peers: [], token: '' };
  throw usageError('bad-value', '--token-file is of --ask.', 'Say whom to ask: --ask node1=http://10.0.0.5:29001.');
}
