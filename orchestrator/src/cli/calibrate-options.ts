import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import type { Options } from 'yargs';
import { flagOption, type RawOptions, textOption, valueOf } from './command.js';
import { parseChoice, parseNumber } from './values.js';

/** What a person asked of `calibrate`, checked. */
export interface CalibrateOptions {
  readonly runtime: 'auto' | 'docker' | 'process';
  readonly driver: 'oha' | 'native';
  readonly quick: boolean;
  readonly output: string;
  readonly mockPort: number | null;
  readonly seed: number;
  /** Runs that lie whole in the output directory are taken as they are. */
  readonly resume: boolean;
  readonly json: boolean;
}

const HOW = 'How';

/** yargs' description of the options of `calibrate`. */
export const CALIBRATE_OPTIONS: Readonly<Record<string, Options>> = {
  runtime: textOption(HOW, 'What starts the relays: auto, docker, process', 'auto: docker when an engine answers'),
  driver: textOption(HOW, 'What makes the load: oha, native (oha does not look inside answers)', 'native'),
  quick: flagOption(HOW, 'A look of four minutes, with too few comparisons for a full certificate'),
  output: textOption(HOW, 'Directory of the calibration', 'results/calibration'),
  'mock-port': textOption(HOW, 'Port of the mock', '9999'),
  seed: textOption(HOW, 'Whole number that fixes every random choice', 'random, recorded'),
  resume: flagOption(HOW, 'Measure only the runs that the output directory does not hold whole'),
  json: flagOption(HOW, 'Print certificate.json on standard output instead of the page'),
};

/** Checks every value of `calibrate`. @throws BenchError `bad-value`, exit code 2 */
export function readCalibrateOptions(given: RawOptions): CalibrateOptions {
  const seed = valueOf(given, 'seed');
  const mockPort = valueOf(given, 'mock-port');
  return {
    runtime: parseChoice('runtime', valueOf(given, 'runtime') ?? 'auto', ['auto', 'docker', 'process']),
    driver: parseChoice('driver', valueOf(given, 'driver') ?? 'native', ['oha', 'native'] as const),
    quick: given['quick'] === true,
    output: resolve(valueOf(given, 'output') ?? 'results/calibration'),
    mockPort:
      mockPort === undefined ? null : parseNumber('mock-port', mockPort, { min: 1, max: 65_535, integer: true }),
    seed:
      seed === undefined ? randomInt(2 ** 31) : parseNumber('seed', seed, { min: 0, max: 2 ** 31 - 1, integer: true }),
    resume: given['resume'] === true,
    json: given['json'] === true,
  };
}
