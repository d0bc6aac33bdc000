import type { ReplayedTrace } from '../driver.js';

/**
 * The schedule of a trial that replays a trace: intended times in microseconds from the trial's start, and the kind of each request.
 * The window holds the trace once, from its first request to its last. The warm-up is the end of the trace, as if it went round and
 * round: sizes and pace are those of the window.
 */
export function replaySchedule(
  { atUs, kindOf }: ReplayedTrace,
  warmupUs: number,
  spanUs: number,
): { intendedUs: Float64Array; kindOf: Uint16Array } {
  const intendedUs: number[] = [];
  const kinds: number[] = [];
  for (let round = -Math.ceil(warmupUs / spanUs); round <= 0; round++) {
    for (const [row, at] of atUs.entries()) {
      const intended = warmupUs + round * spanUs + at;
      if (intended < 0) continue;
      intendedUs.push(intended);
      kinds.push(kindOf[row] as number);
    }
  }
  return { intendedUs: Float64Array.from(intendedUs), kindOf: Uint16Array.from(kinds) };
}
