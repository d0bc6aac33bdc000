/** 97.5 % points of Student's t for 1 to 30 degrees of freedom (any table of the distribution). */
const T975 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/**
 * The factor that makes a 95 % interval out of a standard error estimated with `degrees` degrees of freedom.
 * Beyond the table it is the Cornish–Fisher expansion about the normal point (Abramowitz and Stegun 26.7.5), right to four digits there.
 * @throws RangeError when `degrees` is not a whole number from 1.
 */
export function studentT975(degrees: number): number {
  if (!Number.isInteger(degrees) || degrees < 1) throw new RangeError(`${degrees} degrees of freedom`);
  const z = 1.959964;
  return (
    T975[degrees - 1] ?? z + (z ** 3 + z) / (4 * degrees) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2)
  );
}

/**
 * The probability that Student's t with `degrees` degrees of freedom lies beyond `t` on either side, 0 to 1
 * (Abramowitz and Stegun 26.7.3 and 26.7.4: exact for whole degrees).
 * @throws RangeError when `degrees` is not a whole number from 1.
 */
export function studentTwoSided(t: number, degrees: number): number {
  if (!Number.isInteger(degrees) || degrees < 1) throw new RangeError(`${degrees} degrees of freedom`);
  const angle = Math.atan(Math.abs(t) / Math.sqrt(degrees));
  const cosine = Math.cos(angle);
  const odd = degrees % 2 === 1;
  let term = odd ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k < degrees; k += 2) {
    term *= ((k - 1) / k) * cosine ** 2;
    sum += term;
  }
  const inside = odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
  return Math.min(1, Math.max(0, 1 - inside));
}

/**
 * The value below which Student's t with `degrees` degrees of freedom lies with probability `p`, by halving an interval.
 * @param p from 0.5 to below 1
 * @throws RangeError when `degrees` is not a whole number from 1, or `p` is not in that range.
 */
export function studentQuantile(p: number, degrees: number): number {
  if (!(p >= 0.5 && p < 1)) throw new RangeError(`${p} is not a probability from 0.5 to below 1`);
  let [low, high] = [0, 1];
  while (studentTwoSided(high, degrees) > 2 * (1 - p)) high *= 2;
  for (let i = 0; i < 60; i += 1) {
    const middle = (low + high) / 2;
    if (studentTwoSided(middle, degrees) > 2 * (1 - p)) low = middle;
    else high = middle;
  }
  return high;
}

/** The arithmetic mean; NaN of nothing. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The standard deviation with n − 1 in the denominator; NaN for fewer than two values. */
export function standardDeviation(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

/** The median: the middle value, or the mean of the two in the middle. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : meanOf(sorted.slice(middle - 1, middle + 1));
}
