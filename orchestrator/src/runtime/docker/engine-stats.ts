import { z } from 'zod';
import type { ResourceSample } from '../runtime.js';
import { workingSet } from './cgroup.js';

/** Null for what is not there. */
const count = z
  .number()
  .nullish()
  .transform((value) => value ?? null);

/** The parts of an answer of /containers/ID/stats that are used here; the cgroup version decides which are there. */
const statsSchema = z.object({
  read: z.string(),
  cpu_stats: z
    .object({
      cpu_usage: z.object({ total_usage: count }).nullish(),
      throttling_data: z.object({ throttled_time: count }).nullish(),
    })
    .nullish(),
  memory_stats: z
    .object({
      usage: count,
      max_usage: count,
      limit: count,
      stats: z.object({ inactive_file: count, total_inactive_file: count }).nullish(),
    })
    .nullish(),
});

/**
 * Reads one answer of the engine's stats; null when it holds nothing: the engine answers zeros, read in the year 1,
 * once the container has ended.
 */
export function sampleFromStats(answer: unknown): ResourceSample | null {
  const parsed = statsSchema.safeParse(answer);
  if (!parsed.success) return null;
  const { read, cpu_stats: cpu, memory_stats: memory } = parsed.data;
  const atMs = millisecondsOf(read);
  const usage = memory?.usage ?? null;
  if (atMs === null || usage === null) return null;
  const totalUsageNs = cpu?.cpu_usage?.total_usage ?? null;
  const throttledNs = cpu?.throttling_data?.throttled_time ?? null;
  const stats = memory?.stats ?? null;
  return {
    atMs,
    cpuUs: totalUsageNs === null ? null : totalUsageNs / 1e3,
    // total_inactive_file is v1's name of it; v2 has no total_ fields.
    memoryBytes: stats === null ? usage : workingSet(usage, stats.total_inactive_file ?? stats.inactive_file),
    memoryPeakBytes: peakOf(usage, memory?.max_usage ?? null, stats === null ? (memory?.limit ?? null) : null),
    throttledMs: throttledNs === null ? null : throttledNs / 1e6,
  };
}

/**
 * Podman has the same members without `stats`, and in `max_usage`, by version, the limit, nothing, or a peak
 * (its pkg/api/handlers/compat/containers_stats_linux.go): only what can be a peak is taken for one.
 */
function peakOf(usage: number, peak: number | null, podmanLimit: number | null): number | null {
  return peak === null || (podmanLimit !== null && (peak === podmanLimit || peak < usage)) ? null : peak;
}

// Date would drop the nanoseconds of RFC 3339, of which the first six digits matter at ten samples a second.
function millisecondsOf(read: string): number | null {
  const seconds = Date.parse(read.replace(/\.\d+/, ''));
  if (Number.isNaN(seconds) || seconds <= 0) return null;
  const fraction = /\.\d+/.exec(read)?.[0] ?? '.0';
  return seconds + Number(`0${fraction}`) * 1e3;
}
