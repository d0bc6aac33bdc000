import { studentQuantile } from '../student.js';
import type { Contrast } from './contrast.js';

/** How often a difference of the size that was seen is to be told. */
const POWER = 0.8;

/** A forecast from a few blocks is worth little beyond this many times as many: their spread is itself known by half at best. */
export const FORECAST_FACTOR = 10;

/**
 * How many blocks in all would tell a difference as large as the one seen, four times in five, were the spread what it was measured to be:
 * the least n with (t₁₋α⸝₂ + t₀.₈) · s/√n ≤ |difference| (the usual sample size of a t test, Cohen 1988, with the degrees of freedom of n).
 * @param blocks that the contrast rests on
 * @param level chance of a false difference, with Holm's worst divisor already taken out: 0.05/pairs
 * @returns null where it would take more than ten times as many
 */
export function blocksNeeded(
  contrast: Pick<Contrast, 'mean' | 'error' | 'degrees'>,
  blocks: number,
  level: number,
): number | null {
  const spread = contrast.error * Math.sqrt(blocks);
  for (let n = blocks + 1; n <= FORECAST_FACTOR * blocks; n += 1) {
    const degrees = contrast.degrees + n - blocks;
    const reach = studentQuantile(1 - level / 2, degrees) + studentQuantile(POWER, degrees);
    if ((reach * spread) / Math.sqrt(n) <= Math.abs(contrast.mean)) return n;
  }
  return null;
}
