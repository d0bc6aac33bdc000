import { z } from 'zod';
import type { ResourceSample } from '../runtime.js';
import { workingSet } from './cgroup.js';

const count = z.number().optional();

/** The parts of an answer of /containers/ID/stats that are used here; the cgroup version decides which are there. */
const statsSchema = z.object({
  read: z.string(),
  cpu_stats: z
    .object({
      cpu_usage: z.object({ total_usage: count }).optional(),
      throttling_data: z.object({ throttled_time: count }).optional(),
    })
    .optional(),
  memory_stats: z
    .object({
      usage: count,
      max_usage: count,
      stats: z.object({ inactive_file: count, total_inactive_file: count }).optional(),
    })
    .optional(),
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
  if (atMs === null || memory?.usage === undefined) return null;
  const totalUsageNs = cpu?.cpu_usage?.total_usage;
  const throttledNs = cpu?.throttling_data?.throttled_time;
  return {
    atMs,
    cpuUs: totalUsageNs === undefined ? null : totalUsageNs / 1e3,
    // total_inactive_file is v1's name of it; v2 has no total_ fields.
    memoryBytes: workingSet(memory.usage, memory.stats?.total_inactive_file ?? memory.stats?.inactive_file ?? null),
    memoryPeakBytes: memory.max_usage ?? null,
    throttledMs: throttledNs === undefined ? null : throttledNs / 1e6,
  };
}

// Date would drop the nanoseconds of RFC 3339, of which the first six digits matter at ten samples a second.
function millisecondsOf(read: string): number | null {
  const seconds = Date.parse(read.replace(/\.\d+/, ''));
  if (Number.isNaN(seconds) || seconds <= 0) return null;
  const fraction = /\.\d+/.exec(read)?.[0] ?? '.0';
  return seconds + Number(`0${fraction}`) * 1e3;
}
