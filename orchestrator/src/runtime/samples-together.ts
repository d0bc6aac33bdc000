import { sumIfKnown } from '../sum-if-known.js';
import type { ResourceSample } from './runtime.js';

/** Of several that were asked together. */
export function samplesTogether(samples: readonly ResourceSample[]): ResourceSample {
  const kills = samples.every(({ memoryKills }) => memoryKills !== undefined)
    ? sumIfKnown(samples.map(({ memoryKills = null }) => memoryKills))
    : undefined;
  return {
    // Each has a clock of its own.
    atMs: performance.now(),
    cpuUs: sumIfKnown(samples.map(({ cpuUs }) => cpuUs)),
    memoryBytes: sumIfKnown(samples.map(({ memoryBytes }) => memoryBytes)),
    // Each has its highest at a time of its own.
    memoryPeakBytes: null,
    throttledMs: sumIfKnown(samples.map(({ throttledMs }) => throttledMs)),
    ...(kills === undefined ? {} : { memoryKills: kills }),
    observerCpuUs: samples.reduce((sum, { observerCpuUs = 0 }) => sum + observerCpuUs, 0),
  };
}
