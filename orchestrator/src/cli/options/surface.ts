import type { Options } from 'yargs';
import { bytesOf, SIZE } from '../../catalogue/compose-units.js';
import { usageError } from '../../errors.js';
import { parsePrice } from '../../record/price.js';
import type { SurfaceLimits } from '../../record/surface.js';
import { type RawOptions, textOption, valueOf } from './command.js';
import { parseLevels, parseNumber, splitList } from './values.js';

/** yargs' description of the options that make a surface of a capacity. */
export function surfaceOptions(group: string): Readonly<Record<string, Options>> {
  return {
    cpus: textOption(group, 'Of --find-capacity: at each of these limits of CPUs, e.g. "0.5 1 2"'),
    memory: textOption(group, 'Of --find-capacity: at each of these limits of memory, e.g. "256m 512m"'),
    workers: textOption(group, 'Of --find-capacity: with each of these numbers of workers, e.g. "1 2"'),
    price: textOption(group, 'Of --find-capacity: what an hour costs, e.g. cpu-hour=0.04,gib-hour=0.005'),
  };
}

const NAMES = ['cpus', 'memory', 'workers', 'price'] as const;
/** More points are no surface that anybody waits for. */
const MOST_POINTS = 64;
const MOST_CPUS = 1024;
const MOST_WORKERS = 1024;
/** Nothing that serves requests lives in less. */
const LEAST_BYTES = 4 * 1024 ** 2;

/**
 * The limits at which capacities are looked for, every one with every other; empty: as the compose file has them.
 * @throws BenchError `bad-value`
 */
export function readSurface(raw: RawOptions): SurfaceLimits[] {
  const [cpus, memory, workers, price] = NAMES.map((name) => valueOf(raw, name));
  const given = NAMES.find((name) => valueOf(raw, name) !== undefined);
  if (given === undefined) return [];
  if (raw['find-capacity'] !== true)
    throw usageError(
      'bad-value',
      `--${given} is of --find-capacity alone.`,
      'Other runs take the limits of the compose file: change them there, or in a copy of it (--compose).',
    );
  if (price !== undefined) parsePrice(price);
  const axes = {
    cpus: axis(cpus === undefined ? null : readCpus(cpus)),
    memory: axis(memory === undefined ? null : readSizes(memory)),
    workers: axis(workers === undefined ? null : parseLevels('workers', workers, MOST_WORKERS)),
  };
  if (cpus === undefined && memory === undefined && workers === undefined) return [];
  const points = axes.memory.flatMap((memoryBytes) =>
    axes.workers.flatMap((count) => axes.cpus.map((cores) => ({ cpus: cores, memoryBytes, workers: count }))),
  );
  if (points.length <= MOST_POINTS) return points;
  throw usageError(
    'bad-value',
    `--cpus, --memory and --workers make ${points.length} points together, and ${MOST_POINTS} is the most.`,
    'Each is a search of minutes: leave some out.',
  );
}

function axis(values: readonly number[] | null): readonly (number | null)[] {
  return values ?? [null];
}

function readCpus(text: string): number[] {
  const values = wordsOf('cpus', text, '--cpus "0.5 1 2"').map((word) =>
    parseNumber('cpus', word, { min: 0.01, max: MOST_CPUS, unit: 'CPUs' }),
  );
  return ascending(values);
}

function readSizes(text: string): number[] {
  return ascending(
    wordsOf('memory', text, '--memory "256m 512m"').map((word) => {
      if (SIZE.test(word) && bytesOf(word) >= LEAST_BYTES) return bytesOf(word);
      throw usageError(
        'bad-value',
        `--memory ${JSON.stringify(word)} cannot be used.`,
        'Give sizes of 4m or more, as a compose file has them: 256m, 1.5g.',
      );
    }),
  );
}

function wordsOf(option: string, text: string, example: string): string[] {
  const words = splitList(text);
  if (words.length > 0) return words;
  throw usageError('bad-value', `--${option} is empty.`, `For example ${example}.`);
}

function ascending(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
