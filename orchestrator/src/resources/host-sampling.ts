import { readKernelFile } from '../kernel-file.js';
import type { HostRecord } from '../record/trial.js';
import { cutWindow, type LoadSpan } from './load-span.js';
import { startWatch } from './watch.js';

/** `/proc/stat` counts in ticks of 10 ms, and reading it costs some 30 µs. */
const INTERVAL_MS = 500;

/** Watches the host that this program runs on until it is stopped. */
export interface HostSampling {
  /** @param span when the load ran; null: all that was watched counts */
  finish(span: LoadSpan | null): Promise<HostRecord>;
}

/** The kernel's counters since the start of the host, and both clocks. */
export interface HostCounters {
  /** Milliseconds of the monotonic and of the wall clock. */
  readonly monotonicMs: number;
  readonly wallMs: number;
  /** In the kernel's ticks, over all CPUs; null where it does not say. */
  readonly cpu: { readonly busy: number; readonly steal: number; readonly total: number; readonly cpus: number } | null;
  /** Pages swapped in and out. */
  readonly swappedPages: number | null;
}

/** Linux' page; of the larger ones of some ARM hosts this is the least. */
const PAGE_BYTES = 4096;

/** What was read of the host's counters so far. Nobody looks by itself: whoever has it says when. */
export interface HostSeries {
  look(): void;
  /** Looks a last time and sums up. @param span when the load ran; null: all that was read counts */
  finish(span: LoadSpan | null): HostRecord;
}

/**
 * Reads the first of a series. What the kernel does not tell (another system, a locked-down `/proc`) stays null; nothing here can make a
 * trial fail.
 * @param cpus how many CPUs the host is thought to have where the kernel does not say
 */
export function beginHostSeries(cpus: number): HostSeries {
  // Swapped pages are counted before and behind the load alone: that file is long.
  const series: HostCounters[] = [readCounters({ swap: true })];
  return {
    look: () => void series.push(readCounters({ swap: false })),
    finish(span) {
      series.push(readCounters({ swap: true }));
      return sumUp(series, span, cpus);
    },
  };
}

/** Begins to watch. @param cpus as for {@link beginHostSeries} */
export function startHostSampling(cpus: number): HostSampling {
  const series = beginHostSeries(cpus);
  const watch = startWatch(INTERVAL_MS, async () => series.look());
  return {
    async finish(span) {
      await watch.stop();
      return series.finish(span);
    },
  };
}

/**
 * Shares of CPU time are of the measured window, as far as readings cover it, because what they are compared with is; swapping and jumps
 * of the clock are of all that was watched.
 * @param series at least one reading, ascending
 * @internal exported for tests
 */
export function sumUp(series: readonly HostCounters[], span: LoadSpan | null, cpus: number): HostRecord {
  const [before, after] = [series[0], series.at(-1)] as [HostCounters, HostCounters];
  const watched = compareCounters(before, after, cpus);
  const timed = series.map((counters) => ({ atMs: counters.monotonicMs, counters }));
  const cut = span === null ? null : cutWindow(timed, span);
  if (cut === null) return watched;
  const { busyShare, stealShare } = compareCounters(cut.first.counters, cut.last.counters, cpus);
  return { ...watched, busyShare, stealShare };
}

/** @internal exported for tests */
export function compareCounters(before: HostCounters, after: HostCounters, cpus: number): HostRecord {
  const ticks = (after.cpu?.total ?? 0) - (before.cpu?.total ?? 0);
  const share = (kind: 'busy' | 'steal'): number | null =>
    before.cpu === null || after.cpu === null || ticks <= 0
      ? null
      : Math.min(1, Math.max(0, (after.cpu[kind] - before.cpu[kind]) / ticks));
  const pages =
    before.swappedPages === null || after.swappedPages === null ? null : after.swappedPages - before.swappedPages;
  return {
    cpus: after.cpu?.cpus ?? cpus,
    stealShare: share('steal'),
    busyShare: share('busy'),
    swappedBytes: pages === null ? null : Math.max(0, pages) * PAGE_BYTES,
    clockJumpMs: after.wallMs - before.wallMs - (after.monotonicMs - before.monotonicMs),
  };
}

function readCounters({ swap }: { readonly swap: boolean }): HostCounters {
  const stat = readKernelFile('/proc/stat');
  const memory = swap ? readKernelFile('/proc/vmstat') : null;
  return {
    // Read together: what lies between them would be taken for a jump.
    monotonicMs: performance.now(),
    wallMs: Date.now(),
    cpu: stat === null ? null : parseCpu(stat),
    swappedPages: memory === null ? null : parseSwap(memory),
  };
}

/**
 * `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal, and guest times, which are in user already (proc_stat(5)).
 * @internal exported for tests
 */
export function parseCpu(stat: string): HostCounters['cpu'] {
  const fields = /^cpu +([\d ]+)$/m.exec(stat)?.[1]?.split(' ').map(Number);
  if (fields === undefined || fields.length < 4) return null;
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softIrq = 0, steal = 0] = fields;
  const busy = user + nice + system + irq + softIrq;
  return { busy, steal, total: busy + idle + waiting + steal, cpus: stat.match(/^cpu\d+ /gm)?.length ?? 1 };
}

/** @internal exported for tests */
export function parseSwap(vmstat: string): number | null {
  const counts = ['pswpin', 'pswpout'].map((name) => new RegExp(`^${name} (\\d+)$`, 'm').exec(vmstat)?.[1]);
  return counts.every((count) => count !== undefined) ? counts.reduce((sum, count) => sum + Number(count), 0) : null;
}
