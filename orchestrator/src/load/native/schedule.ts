/** How the intended times of an open loop lie: evenly, or as the arrivals of many independent users. */
export type Arrivals = 'constant' | 'poisson';

/** What an open-loop schedule is made of. */
export interface ScheduleSpec {
  readonly ratePerSecond: number;
  readonly warmupMs: number;
  readonly measureMs: number;
  readonly arrivals: Arrivals;
  readonly seed: number;
}

/**
 * The intended times of a trial, microseconds from its start, ascending, all below `warmupMs + measureMs`.
 *
 * Constant: t_k = k / rate, so n requests a window whatever the rate. Poisson: exponential gaps of mean 1 / rate (inversion,
 * -ln(u) / rate), seeded. Warm-up and window are one schedule; the window begins at `warmupMs` without a pause.
 */
export function intendedTimes(spec: ScheduleSpec): Float64Array {
  const endUs = (spec.warmupMs + spec.measureMs) * 1000;
  const gapUs = 1e6 / spec.ratePerSecond;
  if (spec.arrivals === 'constant') {
    // Not endUs / gapUs: for rates without a finite binary period the quotient may fall on either side of a whole number.
    const count = Math.ceil((endUs * spec.ratePerSecond) / 1e6);
    return Float64Array.from({ length: count }, (_, k) => (k * 1e6) / spec.ratePerSecond);
  }
  const random = mulberry32(spec.seed);
  const times: number[] = [];
  for (let at = -Math.log(1 - random()) * gapUs; at < endUs; at -= Math.log(1 - random()) * gapUs) times.push(at);
  return Float64Array.from(times);
}

/** Uniform in [0, 1), 32 bits of state: Tommy Ettinger's mulberry32, public domain. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}
