import { resolve } from 'node:path';
import type { Options } from 'yargs';
import { usageError } from '../../errors.js';
import type { AwakeChoice } from '../../measure/equipment.js';
import type { PinChoice } from '../../measure/pinning.js';
import { flagOption, type RawOptions, textOption, valueOf } from './command.js';
import { awakeOption, readAwake } from './awake.js';
import { DRIVERS } from './equipment.js';
import { pinOption, readPin } from './pin.js';
import { parseChoice, parseMockPort, parseSeed } from './values.js';

/** What a person asked of `calibrate`, checked. */
export interface CalibrateOptions {
  readonly runtime: 'auto' | 'docker' | 'process';
  readonly driver: 'oha' | 'native';
  readonly quick: boolean;
  /** Only whether both drivers tell the same of one target. */
  readonly drivers: boolean;
  /** One experiment by itself, which certifies nothing; null: all. */
  readonly only: Experiment | null;
  readonly pin: PinChoice;
  /** Null: cores are not kept awake. */
  readonly awake: AwakeChoice | null;
  readonly output: string;
  readonly mockPort: number | null;
  readonly seed: number;
  /** Runs that lie whole in the output directory are taken as they are. */
  readonly resume: boolean;
  readonly json: boolean;
}

/** What can be asked for by itself. */
const EXPERIMENTS = ['observer', 'blame', 'erratic', 'conduct'] as const;
export type Experiment = (typeof EXPERIMENTS)[number];

const HOW = 'How';

/** yargs' description of the options of `calibrate`. */
export const CALIBRATE_OPTIONS: Readonly<Record<string, Options>> = {
  runtime: textOption(HOW, 'What starts the relays: auto, docker, process', 'auto: docker when an engine answers'),
  driver: textOption(HOW, 'What makes the load: oha, native (oha does not look inside answers)', 'native'),
  quick: flagOption(HOW, 'A look of five minutes, with too few comparisons for a full certificate'),
  drivers: flagOption(HOW, 'Only hold the two drivers, oha and native, against each other on one target'),
  only: textOption(HOW, `One experiment by itself: ${EXPERIMENTS.join(', ')}`),
  ...pinOption(HOW),
  ...awakeOption(HOW),
  output: textOption(HOW, 'Directory of the calibration', 'results/calibration'),
  'mock-port': textOption(HOW, 'Port of the mock', '9999'),
  seed: textOption(HOW, 'Whole number that fixes every random choice', 'random, recorded'),
  resume: flagOption(HOW, 'Measure only the runs that the output directory does not hold whole'),
  json: flagOption(HOW, 'Print certificate.json on standard output instead of the page'),
};

/** Checks every value of `calibrate`. @throws BenchError `bad-value`, exit code 2 */
export function readCalibrateOptions(given: RawOptions): CalibrateOptions {
  const chosen = valueOf(given, 'only');
  const only = chosen === undefined ? null : parseChoice('only', chosen, EXPERIMENTS);
  const [pin, awake] = [readPin(given), readAwake(given)];
  const drivers = given['drivers'] === true;
  if (pin.kind !== 'none' || awake !== null)
    checkMeans(pin.kind === 'none' ? '--awake' : '--pin', drivers ? '--drivers' : only);
  return {
    runtime: parseChoice('runtime', valueOf(given, 'runtime') ?? 'auto', ['auto', 'docker', 'process']),
    driver: parseChoice('driver', valueOf(given, 'driver') ?? 'native', DRIVERS),
    quick: given['quick'] === true,
    drivers,
    only,
    pin,
    awake,
    output: resolve(valueOf(given, 'output') ?? 'results/calibration'),
    mockPort: parseMockPort(valueOf(given, 'mock-port')),
    seed: parseSeed(valueOf(given, 'seed')),
    resume: given['resume'] === true,
    json: given['json'] === true,
  };
}

/** Experiments that plant something in services of their own start those where they please. */
function checkMeans(option: string, what: string | null): void {
  if (what === null || what === 'observer' || what === 'erratic') return;
  throw usageError(
    'bad-value',
    `${option} does nothing for ${what.startsWith('--') ? what : `--only ${what}`}.`,
    `Leave ${option} out, or calibrate in full, or with --only observer or --only erratic.`,
  );
}
