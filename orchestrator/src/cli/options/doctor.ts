import type { Options } from 'yargs';
import { flagOption, type RawOptions, textOption, valueOf } from './command.js';
import { parseChoice, parseMockPort } from './values.js';

/** What a person asked of `doctor`, checked. */
export interface DoctorOptions {
  readonly runtime: 'auto' | 'docker' | 'process';
  readonly driver: 'oha' | 'native' | null;
  readonly mockPort: number | null;
  readonly selfTest: boolean;
  readonly json: boolean;
}

const HOW = 'How';

/** yargs' description of the options of `doctor`. */
export const DOCTOR_OPTIONS: Readonly<Record<string, Options>> = {
  runtime: textOption(HOW, 'What starts the mock: auto, docker, process', 'auto: docker when an engine answers'),
  driver: textOption(HOW, 'What makes the load: oha, native', 'oha with docker, else native'),
  'mock-port': textOption(HOW, 'Port of the mock', '9999'),
  'skip-self-test': flagOption(HOW, 'Look at the machine only; takes three seconds instead of forty'),
  json: flagOption(HOW, 'Print everything as JSON'),
};

/** Checks every value of `doctor`. @throws BenchError `bad-value`, exit code 2 */
export function readDoctorOptions(given: RawOptions): DoctorOptions {
  const driver = valueOf(given, 'driver');
  return {
    runtime: parseChoice('runtime', valueOf(given, 'runtime') ?? 'auto', ['auto', 'docker', 'process']),
    driver: driver === undefined ? null : parseChoice('driver', driver, ['oha', 'native'] as const),
    mockPort: parseMockPort(valueOf(given, 'mock-port')),
    selfTest: given['skip-self-test'] !== true,
    json: given['json'] === true,
  };
}
