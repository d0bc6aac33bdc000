/** From here on the asymptotic series is used; smaller arguments are shifted up to it by the recurrence. */
const SHIFT_TO = 8;

/** ln Γ(x), for x > 0: Γ(x + 1) = xΓ(x) up to 8, then Stirling's series (Abramowitz and Stegun 6.1.15 and 6.1.41; right to 1e-9). */
export function lnGamma(x: number): number {
  let sum = 0;
  let at = x;
  for (; at < SHIFT_TO; at += 1) sum -= Math.log(at);
  const f = 1 / at ** 2;
  return sum + (at - 0.5) * Math.log(at) - at + Math.log(2 * Math.PI) / 2 + (1 / 12 - f * (1 / 360 - f / 1260)) / at;
}

/**
 * A quantile of the mean square of `degrees` standard normal values, χ²/degrees, by the cube of a normal one (Wilson and Hilferty 1931;
 * Abramowitz and Stegun 26.4.17): right to 4 % at one degree from the median up, better with more.
 * @param z the standard normal quantile of the same probability, 0 for the median
 */
export function meanSquareQuantile(degrees: number, z: number): number {
  const part = 2 / (9 * degrees);
  return Math.max(0, 1 - part + z * Math.sqrt(part)) ** 3;
}
