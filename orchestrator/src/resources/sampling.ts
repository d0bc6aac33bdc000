import { setTimeout as sleep } from 'node:timers/promises';
import type { ResourceRecord } from '../record/trial.js';
import type { ResourceSample, RunningService } from '../runtime/runtime.js';

const INTERVAL_MS = 200;

/** Watches a service's CPU and memory until it is stopped. */
export interface Sampling {
  /** Takes a last sample and sums up. @param windowShare the measured window's share of the time watched, 0 to 1 */
  finish(windowShare: number): Promise<ResourceRecord>;
}

/** Starts sampling; one sample at a time, so a slow engine gives fewer samples and never a queue. */
export function startSampling(service: RunningService): Sampling {
  const startedAt = performance.now();
  const rows: Row[] = [];
  const stop = new AbortController();
  const take = async (): Promise<void> => {
    const sinceStartMs = performance.now() - startedAt;
    const sample = await service.sample();
    if (sample !== null) rows.push({ sinceStartMs, sample });
  };
  const pumping = (async () => {
    while (!stop.signal.aborted) {
      await take();
      await sleep(INTERVAL_MS, undefined, { signal: stop.signal }).catch(() => {});
    }
    await take();
  })();
  // Told by finish, which may be minutes away; until then nobody waits for it, and that would end the whole program.
  pumping.catch(() => undefined);
  return {
    async finish(windowShare) {
      stop.abort();
      await pumping;
      return summarise(rows, windowShare);
    },
  };
}

interface Row {
  readonly sinceStartMs: number;
  readonly sample: ResourceSample;
}

/** @internal exported for tests */
export function summarise(rows: readonly Row[], windowShare: number): ResourceRecord {
  const [first, last] = [rows[0]?.sample, rows.at(-1)?.sample];
  const watched = first !== undefined && last !== undefined && last.atMs > first.atMs;
  return {
    memoryPeakBytes: peakOf(rows.map(({ sample }) => sample)),
    memoryStartBytes: first?.memoryBytes ?? null,
    memoryEndBytes: last?.memoryBytes ?? null,
    cpuUs: watched ? difference(first.cpuUs, last.cpuUs) : null,
    cpuWindowMs: watched ? last.atMs - first.atMs : null,
    // Load is steady over warm-up and window, so the window's share of the time lost is its share of the time.
    throttledMs: watched ? scaled(difference(first.throttledMs, last.throttledMs), windowShare) : null,
    series: rows.map(({ sinceStartMs, sample }) => [Math.round(sinceStartMs), sample.memoryBytes, sample.cpuUs]),
  };
}

/**
 * The highest memory seen. The kernel's own peak counts since the service's start, so it is this trial's only when it rose
 * during the trial.
 */
function peakOf(samples: readonly ResourceSample[]): number | null {
  const seen = samples.map((sample) => sample.memoryBytes).filter((bytes) => bytes !== null);
  const before = samples[0]?.memoryPeakBytes ?? null;
  const after = samples.at(-1)?.memoryPeakBytes ?? null;
  if (before !== null && after !== null && after > before) seen.push(after);
  return seen.length === 0 ? null : Math.max(...seen);
}

function difference(before: number | null, after: number | null): number | null {
  return before === null || after === null ? null : Math.max(0, after - before);
}

function scaled(value: number | null, share: number): number | null {
  return value === null ? null : value * share;
}
