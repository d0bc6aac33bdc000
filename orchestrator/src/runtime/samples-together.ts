import type { ResourceSample } from './runtime.js';

/** Of several that were asked together. */
export function samplesTogether(samples: readonly ResourceSample[]): ResourceSample {
  const kills = samples.every(({ memoryKills }) => memoryKills !== undefined)
    ? sumOf(samples.map(({ memoryKills = null }) => memoryKills))
    : undefined;
  return {
    // Each has a clock of its own.
    atMs: performance.now(),
    cpuUs: sumOf(samples.map(({ cpuUs }) => cpuUs)),
    memoryBytes: sumOf(samples.map(({ memoryBytes }) => memoryBytes)),
    // Each has its highest at a time of its own.
    memoryPeakBytes: null,
    throttledMs: sumOf(samples.map(({ throttledMs }) => throttledMs)),
    ...(kills === undefined ? {} : { memoryKills: kills }),
    observerCpuUs: samples.reduce((sum, { observerCpuUs = 0 }) => sum + observerCpuUs, 0),
  };
}

/** Unknown when one of them is. */
export function sumOf(figures: readonly (number | null)[]): number | null {
  return figures.some((figure) => figure === null) ? null : figures.reduce((sum: number, one) => sum + (one ?? 0), 0);
}
