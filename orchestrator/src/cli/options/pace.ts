import type { Options } from 'yargs';
import { usageError } from '../../errors.js';
import type { MeasureRequest } from '../../measure/request.js';
import type { PlannedScenario } from '../../plan/plan.js';
import { TIMEOUT_SECONDS } from '../../record/load-defaults.js';
import { type RawOptions, textOption, valueOf } from './command.js';
import { pairedOption } from './paired.js';
import { precisionOptions, readPrecision } from './precision.js';
import type { Question } from './question.js';
import type { UsualOptions } from './usual.js';
import { parseNumber, parseSeed } from './values.js';

/** How long a cell is measured, how often, and in which order. */
export type PaceOptions = Pick<
  MeasureRequest,
  'durationMs' | 'blocks' | 'precision' | 'warmupMs' | 'timeoutMs' | 'seed'
>;

/** Less of a block is no measurement: the slowest gateway would not answer within it. */
const LEAST_BLOCK_MS = 100;

/** yargs' description of the options that say how long and how often; values are checked by {@link readPace}. */
export function paceOptions(group: string): Readonly<Record<string, Options>> {
  return {
    duration: textOption(
      group,
      'Measured seconds of a cell in total, split over the blocks',
      '30 (a capacity window: 4)',
    ),
    blocks: textOption(group, 'Passes over all cells, each in a random order of its own', '6'),
    ...precisionOptions(group),
    ...pairedOption(group),
    warmup: textOption(
      group,
      'Seconds of load before each measurement, on the same connections; half where the scenario was just measured',
      '1, with --find-capacity 0.5',
    ),
    timeout: textOption(
      group,
      'Seconds after which a request has failed, from when it was due (oha: from when it was sent)',
      `${TIMEOUT_SECONDS.run}, with --find-capacity ${TIMEOUT_SECONDS.search}`,
    ),
    seed: textOption(group, 'Whole number that fixes every random choice', 'random, recorded'),
  };
}

/**
 * Checks the options that say how long and how often.
 * @param usual what is taken where nothing is said
 * @param question another one than what a gateway adds; null: none
 * @param replayMs what a trial takes whose requests have times of their own; null: they have none
 * @throws BenchError `bad-value` and the like
 */
export function readPace(
  raw: RawOptions,
  usual: UsualOptions,
  question: Question | null,
  replayMs: number | null,
): PaceOptions {
  const number = (name: string, fallback: number, bounds: Parameters<typeof parseNumber>[2]): number => {
    const given = valueOf(raw, name);
    return given === undefined ? fallback : parseNumber(name, given, bounds);
  };
  const blocks = number('blocks', usual.blocks, { min: 1, max: 1000, integer: true });
  const seconds = number('duration', usual.durationMs / 1000, { min: 1, max: 86_400, unit: 'seconds' });
  const soakMs = question?.soakMs ?? null;
  if (soakMs === null && replayMs === null) checkBlockLength(seconds, blocks);
  return {
    durationMs: soakMs ?? (replayMs === null ? 1000 * seconds : Math.max(replayMs, LEAST_BLOCK_MS) * blocks),
    blocks,
    precision: readPrecision(raw, blocks),
    warmupMs: 1000 * number('warmup', usual.warmupMs / 1000, { min: 0, max: 600, unit: 'seconds' }),
    timeoutMs: 1000 * number('timeout', usual.timeoutMs / 1000, { min: 0.1, max: 3600, unit: 'seconds' }),
    seed: parseSeed(valueOf(raw, 'seed')),
  };
}

function checkBlockLength(seconds: number, blocks: number): void {
  const blockMs = (1000 * seconds) / blocks;
  if (blockMs >= LEAST_BLOCK_MS) return;
  const least = Math.ceil((blocks * LEAST_BLOCK_MS) / 1000);
  throw usageError(
    'bad-value',
    `--duration ${seconds} split over --blocks ${blocks} leaves ${Number(blockMs.toPrecision(3))} ms for each; ${LEAST_BLOCK_MS} ms is the least.`,
    `Give --duration ${least} or more, or at most ${Math.floor((1000 * seconds) / LEAST_BLOCK_MS)} blocks.`,
  );
}

/**
 * In a window shorter than an answer the load would be gone before most of what is measured.
 * @throws BenchError `bad-value` that names the slowest scenario
 */
export function checkWindows(
  chosen: readonly PlannedScenario[],
  { durationMs, blocks }: Pick<PaceOptions, 'durationMs' | 'blocks'>,
): void {
  const slowest = chosen.map(({ scenario }) => scenario).sort((a, b) => (b.heldMs ?? 0) - (a.heldMs ?? 0))[0];
  const [blockMs, heldMs] = [durationMs / blocks, slowest?.heldMs ?? 0];
  if (blockMs >= heldMs) return;
  throw usageError(
    'bad-value',
    `--duration ${durationMs / 1000} split over --blocks ${blocks} leaves ${Number(blockMs.toPrecision(3))} ms for each; an answer of ${slowest?.name} takes ${heldMs} ms.`,
    `Give --duration ${Math.ceil((blocks * heldMs) / 1000)} or more, or fewer blocks, or leave it out with --scenarios.`,
  );
}
