import type { Sampler } from './sampler.js';

/** CPU time of a container, microseconds. */
export interface CpuWatch {
  /** The newest reading; null before the first. */
  last(): number | null;
  stop(): void;
}

/** Its group is gone with it, so the last reading before the exit is all that there is: where that may come, it is read so often. */
const NEAR_THE_END_MS = 100;
/** What is read before only speaks of a tool that is stopped, and each reading wakes this program in the middle of a measured window. */
const MEANWHILE_MS = 1000;

/**
 * Follows a container's CPU time until it is stopped.
 * @param busyMs see ToolRun.busyMs
 */
export function followCpu(sampler: Sampler, busyMs: number | undefined): CpuWatch {
  const from = performance.now();
  let cpuUs: number | null = null;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const lookLater = (): void => {
    timer = setTimeout(() => void look(), untilNextLookMs(performance.now() - from, busyMs));
  };
  const look = async (): Promise<void> => {
    cpuUs = (await sampler.sample('light'))?.cpuUs ?? cpuUs;
    if (!stopped) lookLater();
  };
  lookLater();
  return {
    last: () => cpuUs,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      sampler.close();
    },
  };
}

/**
 * How long to leave a container alone that has run for so long.
 * @param busyMs see ToolRun.busyMs
 * @internal exported for tests
 */
export function untilNextLookMs(ranMs: number, busyMs: number | undefined): number {
  if (busyMs === undefined || ranMs >= busyMs) return NEAR_THE_END_MS;
  return Math.min(MEANWHILE_MS, busyMs - ranMs);
}
