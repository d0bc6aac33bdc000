import type { Options } from 'yargs';
import { usageError } from '../../errors.js';
import type { PrecisionGoal } from '../../measure/until-precise.js';
import { type RawOptions, textOption, valueOf } from './command.js';
import { parseDuration, parseNumber } from './values.js';

const DEFAULT_MAX_BLOCKS = 30;
const BUDGET = { minMs: 1000, maxMs: 7 * 24 * 3_600_000 };

/** The options of `bench` that concern precision. */
export function precisionOptions(group: string): Readonly<Record<string, Options>> {
  return {
    precision: textOption(group, 'Go on until each overhead is known to this, e.g. 5% (--blocks is then the least)'),
    budget: textOption(group, 'With --precision: the most time it may take, e.g. 90s, 30m, 2h'),
    'max-blocks': textOption(group, 'With --precision: the most blocks', String(DEFAULT_MAX_BLOCKS)),
  };
}

/**
 * @param blocks the least number
 * @returns null when no precision is asked for
 * @throws BenchError `bad-value`, `precision-missing`
 */
export function readPrecision(raw: RawOptions, blocks: number): PrecisionGoal | null {
  const [precision, budget, most] = ['precision', 'budget', 'max-blocks'].map((name) => valueOf(raw, name));
  if (precision === undefined) {
    const alone = budget === undefined ? (most === undefined ? null : 'max-blocks') : 'budget';
    if (alone === null) return null;
    throw usageError(
      'precision-missing',
      `--${alone} says nothing without --precision.`,
      'Add for example --precision 5%.',
    );
  }
  const percent = /^(.*?) ?%$/.exec(precision.trim())?.[1];
  if (percent === undefined)
    throw usageError(
      'bad-value',
      `--precision "${precision}" cannot be used.`,
      'Give a share of the overhead in per cent, for example 5%.',
    );
  return {
    share: parseNumber('precision', percent, { min: 0.1, max: 100, unit: 'per cent' }) / 100,
    maxBlocks:
      most === undefined
        ? Math.max(DEFAULT_MAX_BLOCKS, blocks)
        : parseNumber('max-blocks', most, { min: blocks, max: 1000, integer: true }),
    budgetMs: budget === undefined ? null : parseDuration('budget', budget, BUDGET),
  };
}
