/** Maps a positive value to 0 … 1 along an axis. */
export interface Scale {
  readonly kind: 'linear' | 'log';
  /** Where the axis begins: 0 on a linear one. */
  readonly from: number;
  readonly to: number;
  /** Clamped to 0 … 1. */
  readonly at: (value: number) => number;
}

/** A span beyond this ratio would press the small values of a linear axis against its edge. */
const WIDEST_LINEAR = 20;

/** An axis for positive values: linear from 0, or logarithmic from a round value below the least where they span more than 20-fold. */
export function scaleFor(values: readonly number[]): Scale {
  const positive = values.filter((value) => value > 0);
  const least = Math.min(...positive);
  const to = Math.max(...positive);
  if (positive.length === 0) return { kind: 'linear', from: 0, to: 1, at: () => 0 };
  if (to / least <= WIDEST_LINEAR) return { kind: 'linear', from: 0, to, at: (value) => clamp(value / to) };
  const from = roundBelow(least);
  return { kind: 'log', from, to, at: (value) => clamp(Math.log(value / from) / Math.log(to / from)) };
}

/** The nearest of 1, 2, 5 × 10^k strictly below. */
export function roundBelow(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const steps = [5, 2, 1].map((step) => step * power);
  return steps.find((step) => step < value) ?? power / 2;
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, Number.isNaN(share) ? 0 : share));
}
