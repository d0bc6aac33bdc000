/**
 * When the load of a trial really ran, in milliseconds of `performance.now()` on the main thread. What a driver does before (starting a
 * container, opening connections) and after (waiting for the last answers, reading its own result) is not in it.
 */
export interface LoadSpan {
  /** Beginning of the warm-up, or of the window where there is none. */
  readonly fromMs: number;
  /** Beginning and end of the measured window. */
  readonly windowFromMs: number;
  readonly windowUntilMs: number;
}

/** Part of the window that readings within it have to cover to speak for it. */
const LEAST_COVER = 0.5;

/** The first and the last reading of a piece of a series. */
export interface Cut<Reading> {
  readonly first: Reading;
  readonly last: Reading;
}

/**
 * The first and the last reading within the window. Null when they cover less than half of it: there are samplers that give one reading
 * a second, and windows that are hardly longer.
 * @param series ascending by time
 */
export function cutWindow<Reading extends { readonly atMs: number }>(
  series: readonly Reading[],
  { windowFromMs, windowUntilMs }: LoadSpan,
): Cut<Reading> | null {
  const within = series.filter(({ atMs }) => atMs >= windowFromMs && atMs <= windowUntilMs);
  const [first, last] = [within[0], within.at(-1)];
  if (first === undefined || last === undefined || first === last) return null;
  return last.atMs - first.atMs >= LEAST_COVER * (windowUntilMs - windowFromMs) ? { first, last } : null;
}

/** The narrowest piece of a series that holds the whole load, warm-up and all; as much of it as the series does. Null without two readings. */
export function cutAround<Reading extends { readonly atMs: number }>(
  series: readonly Reading[],
  { fromMs, windowUntilMs }: LoadSpan,
): Cut<Reading> | null {
  const first = series.findLast(({ atMs }) => atMs <= fromMs) ?? series[0];
  const last = series.find(({ atMs }) => atMs >= windowUntilMs) ?? series.at(-1);
  return first === undefined || last === undefined || last.atMs <= first.atMs ? null : { first, last };
}
