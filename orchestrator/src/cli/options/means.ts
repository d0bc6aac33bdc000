import type { Options } from 'yargs';
import { MOST_AGENTS } from '../../agent/wire.js';
import type { AwakeChoice } from '../../measure/equipment.js';
import type { PinChoice } from '../../measure/pinning.js';
import { SECOND_CHANCES } from '../../measure/request.js';
import { AGENTS_OPTION, MOST_LOCAL_AGENTS, readAgents } from './agents.js';
import { awakeOption, readAwake } from './awake.js';
import { type ClusterOptions, readClusterOptions } from './cluster.js';
import { flagOption, type RawOptions, textOption, valueOf } from './command.js';
import { DRIVERS, RUNTIMES } from './equipment.js';
import { LOAD_OPTIONS, type LoadOptions, readLoadOptions } from './load.js';
import { pinOption, readPin } from './pin.js';
import { parseChoice, parseMockPort, parseShare } from './values.js';

/** By what a run is made: what starts the services, what loads them, where, and what is left out or done again. */
export interface MeansOptions {
  readonly runtime: (typeof RUNTIMES)[number];
  /** Null: the run is not on a cluster. */
  readonly cluster: ClusterOptions | null;
  /** Null: the runtime's own. */
  readonly driver: (typeof DRIVERS)[number] | null;
  readonly load: LoadOptions;
  readonly pin: PinChoice;
  /** Processes, or Pods of a cluster, that make the load together; null: as the runtime does by itself. */
  readonly agents: number | null;
  /** Null: cores are not kept awake. */
  readonly awake: AwakeChoice | null;
  readonly mockPort: number | null;
  readonly keepUp: boolean;
  readonly skipHopeless: boolean;
  /** What measuring void trials once more may take at most, as a share of the plan's time. */
  readonly secondChances: number;
}

/** yargs' description of the options that say by what a run is made; values are checked by {@link readMeans}. */
export function meansOptions(group: string): Readonly<Record<string, Options>> {
  return {
    runtime: textOption(
      group,
      'What starts the services: auto, docker, process, external, kubernetes',
      'auto: docker when an engine answers',
    ),
    driver: textOption(group, 'What makes the load: oha, native', 'oha on docker, else native'),
    ...LOAD_OPTIONS,
    ...AGENTS_OPTION,
    ...pinOption(group),
    ...awakeOption(group),
    'mock-port': textOption(group, 'Port of the mock', '9999'),
    'keep-up': flagOption(group, 'Keep all gateways up all the time instead of only the measured one'),
    skip: {
      type: 'boolean',
      default: true,
      group,
      describe: 'Leave out levels above one that saturated in two blocks (--no-skip sends them)',
    },
    'second-chances': textOption(
      group,
      "What measuring void trials once more may take, as a share of the plan's time; 0: none is",
      `${SECOND_CHANCES}`,
    ),
  };
}

/**
 * Checks the options that say by what a run is made.
 * @throws BenchError `bad-value` and the like
 */
export function readMeans(raw: RawOptions): MeansOptions {
  const driver = valueOf(raw, 'driver');
  const runtime = parseChoice('runtime', valueOf(raw, 'runtime') ?? 'auto', RUNTIMES);
  return {
    runtime,
    cluster: readClusterOptions(raw, runtime),
    driver: driver === undefined ? null : parseChoice('driver', driver, DRIVERS),
    load: readLoadOptions(raw),
    pin: readPin(raw),
    agents: readAgents(raw, runtime === 'kubernetes' ? MOST_AGENTS : MOST_LOCAL_AGENTS),
    awake: readAwake(raw),
    mockPort: parseMockPort(valueOf(raw, 'mock-port')),
    keepUp: raw['keep-up'] === true,
    skipHopeless: raw['skip'] !== false,
    secondChances: parseShare('second-chances', valueOf(raw, 'second-chances') ?? `${SECOND_CHANCES}`),
  };
}
