import type { HostRecord, ObserverRecord, ResourceRecord } from '../record/trial.js';
import type { RunningService } from '../runtime/runtime.js';
import { beginHostSeries } from './host-sampling.js';
import type { LoadSpan } from './load-span.js';
import { observerOf, type OwnReading, readOwn } from './observer.js';
import { beginSeries, type ServiceSeries } from './sampling.js';
import { startWatch } from './watch.js';

/** What watching told of a window. */
export interface Watched {
  /** Of each service, in the order given. */
  readonly resources: readonly ResourceRecord[];
  /** Null where nobody looked at the host. */
  readonly host: HostRecord | null;
  /** What this program itself took of the window. */
  readonly observer: ObserverRecord | null;
}

/** Watches services and their host while they are loaded, until it is finished. */
export interface Watching {
  /**
   * Told when the window begins, before it does: from then on looks lie in it evenly, the first and the last at its edges. Without being
   * told they lie anywhere in it.
   * @param fromMs on the clock of {@link LoadSpan}
   */
  windowBegins(fromMs: number): void;
  /** @param span when the load ran; null: it did not, and all that was read counts */
  finish(span: LoadSpan | null): Promise<Watched>;
}

/** What is watched beside the services, and for how long. */
export interface WatchingOptions {
  /** How many CPUs the host is thought to have where the kernel does not say; null: the host is not looked at. */
  readonly hostCpus: number | null;
  /** Length of the measured window. */
  readonly windowMs: number;
}

/** Memory's series needs no more than one look a second. */
const LONGEST_MS = 1000;
const SHORTEST_MS = 250;
/** The first and the last of so many looks lie more than half a window apart, wherever in it they fall and though each is a little late. */
const LOOKS_A_WINDOW = 3.5;

/**
 * How long nobody looks between two looks. What a look reads is little, but it finds caches and branch predictors that the load has filled
 * meanwhile: some millisecond of a core each, most of it in the program around the reads. So everything is read in one look, and no more
 * often than the figures of the window need.
 * @param windowMs length of the measured window
 */
export function lookIntervalMs(windowMs: number): number {
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, windowMs / LOOKS_A_WINDOW));
}

/** A look that is woken late still lies within the window. */
const EDGE_MS = 20;

/**
 * The moments at which to look into a window, evenly from edge to edge and about a second apart.
 * @internal exported for tests
 */
export function momentsIn(fromMs: number, windowMs: number): number[] {
  const insideMs = Math.max(0, windowMs - 2 * EDGE_MS);
  const parts = Math.max(1, Math.round(insideMs / LONGEST_MS));
  return Array.from({ length: parts + 1 }, (_, i) => fromMs + EDGE_MS + (i * insideMs) / parts);
}

/**
 * Takes a whole sample of each service, then light ones of all of them together: a window may begin as soon as this resolves.
 * @throws what a first sample threw, when nothing is watched any more
 */
export async function startWatching(
  services: readonly RunningService[],
  { hostCpus, windowMs }: WatchingOptions,
): Promise<Watching> {
  const series = await beginAll(services);
  const host = hostCpus === null ? null : beginHostSeries(hostCpus);
  const own: OwnReading[] = [];
  let samplingUs = 0;
  const watch = startWatch(lookIntervalMs(windowMs), async () => {
    const fromMs = performance.now();
    host?.look();
    await Promise.all(series.map(async (one) => one.look()));
    samplingUs += 1000 * (performance.now() - fromMs);
    own.push(readOwn(samplingUs));
  });
  return {
    windowBegins: (fromMs) => watch.follow(momentsIn(fromMs, windowMs)),
    async finish(span) {
      await watch.stop();
      // All at once: one that cannot be ended well would leave those behind it without their last sample.
      const resources = await Promise.all(series.map(async (one) => one.finish(span)));
      return { resources, host: host?.finish(span) ?? null, observer: withBeside(observerOf(own, span), resources) };
    },
  };
}

/** Adds what those took who look beside their services, shared out over the window as far as it is known. */
function withBeside(observer: ObserverRecord | null, resources: readonly ResourceRecord[]): ObserverRecord | null {
  const shares = resources.flatMap(({ observerCpuUs = null, cpuWindowMs }) =>
    observerCpuUs === null || cpuWindowMs === null || cpuWindowMs === 0 ? [] : observerCpuUs / cpuWindowMs,
  );
  if (observer === null || shares.length === 0) return observer;
  return { ...observer, besideCpuUs: shares.reduce((sum, share) => sum + share, 0) * observer.ofMs };
}

async function beginAll(services: readonly RunningService[]): Promise<ServiceSeries[]> {
  // All are waited for also where one fails: none is still being read when that is told.
  const begun = await Promise.allSettled(services.map(async (service) => beginSeries(service)));
  const failed = begun.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return begun.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}
