import type { ResourceRecord } from '../record/trial.js';
import type { ResourceSample, RunningService, SampleDepth } from '../runtime/runtime.js';
import { type Cut, cutAround, cutWindow, type LoadSpan } from './load-span.js';
import { startWatch } from './watch.js';

/** What was read of a service's CPU and memory so far. Nobody looks by itself: whoever has it says when. */
export interface ServiceSeries {
  /** Takes a light sample. */
  look(): Promise<void>;
  /** Takes a last, whole sample and sums up. @param span when the load ran; null: nothing was loaded, and all that was read counts */
  finish(span: LoadSpan | null): Promise<ResourceRecord>;
}

/** Takes a whole sample, the first of a series. */
export async function beginSeries(service: RunningService): Promise<ServiceSeries> {
  const startedAt = performance.now();
  const rows: Row[] = [];
  const take = async (depth: SampleDepth): Promise<void> => {
    const sample = await service.sample(depth);
    if (sample !== null) rows.push({ knownAtMs: performance.now(), sample });
  };
  await take('whole');
  return {
    look: async () => take('light'),
    async finish(span) {
      await take('whole');
      const unknown = service.unknown?.() ?? [];
      return { ...summarise(rows, startedAt, span), ...(unknown.length === 0 ? {} : { unknown: [...unknown] }) };
    },
  };
}

/** A service at rest is looked at so often. */
const REST_INTERVAL_MS = 1000;

/** Watches a service that nobody asks anything, until it is finished. */
export async function startSampling(service: RunningService): Promise<{ finish(): Promise<ResourceRecord> }> {
  const series = await beginSeries(service);
  const watch = startWatch(REST_INTERVAL_MS, async () => series.look());
  return {
    async finish() {
      await watch.stop();
      return series.finish(null);
    },
  };
}

interface Row {
  /** When the sample had come, on the clock of {@link LoadSpan}. */
  readonly knownAtMs: number;
  readonly sample: ResourceSample;
}

/**
 * CPU and throttling are of the measured window. With too few samples within it, they are of the time from the last sample before the
 * load to the first one after it, shared out over the load alone: a service that nobody asks uses next to nothing.
 * @internal exported for tests
 */
export function summarise(rows: readonly Row[], startedAt: number, span: LoadSpan | null): ResourceRecord {
  const series = placed(rows);
  // A light sample may know memory and no CPU time, or the other way round.
  const counted = series.filter(({ sample }) => sample.cpuUs !== null);
  const weighed = series.filter(({ sample }) => sample.memoryBytes !== null);
  const used = span === null ? whole(counted[0], counted.at(-1)) : (ofWindow(counted, span) ?? ofLoad(counted, span));
  const at = ({ atMs }: Placed): number => Math.round(atMs - startedAt);
  return {
    memoryPeakBytes: peakOf(rows.map(({ sample }) => sample)),
    memoryStartBytes: weighed[0]?.sample.memoryBytes ?? null,
    memoryEndBytes: weighed.at(-1)?.sample.memoryBytes ?? null,
    cpuUs: used === null ? null : growth(used, 'cpuUs'),
    cpuWindowMs: used?.loadedMs ?? null,
    throttledMs: used === null ? null : scaled(growth(used, 'throttledMs'), windowMs(span, used) / used.loadedMs),
    ...(used === null || span === null
      ? {}
      : { cpuSpan: { of: used.of, fromMs: at(used.first), untilMs: at(used.last) } }),
    ...killsIn(rows.map(({ sample }) => sample)),
    ...(rows.some(({ sample }) => sample.observerCpuUs !== undefined)
      ? { observerCpuUs: used === null ? null : growth(used, 'observerCpuUs') }
      : {}),
    series: series.map((row) => [at(row), row.sample.memoryBytes, row.sample.cpuUs]),
  };
}

interface Placed {
  readonly atMs: number;
  readonly sample: ResourceSample;
}

/**
 * Samples on our own clock. A sampler may have a clock of its own, and hand out what it has known for a second; no sample is younger than
 * the moment when it came, so that the least difference seen is the one between the clocks.
 */
function placed(rows: readonly Row[]): Placed[] {
  const offsetMs = Math.min(...rows.map(({ knownAtMs, sample }) => knownAtMs - sample.atMs));
  return rows.map(({ sample }) => ({ atMs: sample.atMs + offsetMs, sample }));
}

/** Two samples, and for how much of the time between them there was load. */
interface Used extends Cut<Placed> {
  readonly of: 'window' | 'load';
  readonly loadedMs: number;
}

function whole(first: Placed | undefined, last: Placed | undefined): Used | null {
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return null;
  return { of: 'load', first, last, loadedMs: last.atMs - first.atMs };
}

function ofWindow(series: readonly Placed[], span: LoadSpan): Used | null {
  const cut = cutWindow(series, span);
  return cut === null ? null : { of: 'window', ...cut, loadedMs: cut.last.atMs - cut.first.atMs };
}

function ofLoad(series: readonly Placed[], span: LoadSpan): Used | null {
  const cut = cutAround(series, span);
  if (cut === null) return null;
  const loadedMs = Math.min(cut.last.atMs, span.windowUntilMs) - Math.max(cut.first.atMs, span.fromMs);
  return loadedMs <= 0 ? null : { of: 'load', ...cut, loadedMs };
}

function windowMs(span: LoadSpan | null, { loadedMs }: Used): number {
  return span === null ? loadedMs : span.windowUntilMs - span.windowFromMs;
}

/**
 * The highest memory seen. The kernel's own peak counts since the service's start, so it is this trial's only when it rose
 * during the trial.
 */
function peakOf(samples: readonly ResourceSample[]): number | null {
  const seen = samples.map((sample) => sample.memoryBytes).filter((bytes) => bytes !== null);
  const marks = samples.map((sample) => sample.memoryPeakBytes).filter((bytes) => bytes !== null);
  const [before, after] = [marks[0] ?? null, marks.at(-1) ?? null];
  if (before !== null && after !== null && after > before) seen.push(after);
  return seen.length === 0 ? null : Math.max(...seen);
}

/** Of the whole series: a process that was killed before the window is missing in it. */
function killsIn(samples: readonly ResourceSample[]): Pick<ResourceRecord, 'memoryKills'> {
  if (samples.every(({ memoryKills }) => memoryKills === undefined)) return {};
  const counts = samples.flatMap(({ memoryKills }) => memoryKills ?? []);
  const [first, last] = [counts[0], counts.at(-1)];
  return { memoryKills: first === undefined || last === undefined ? null : Math.max(0, last - first) };
}

function growth({ first, last }: Used, of: 'cpuUs' | 'throttledMs' | 'observerCpuUs'): number | null {
  const [before = null, after = null] = [first.sample[of], last.sample[of]];
  return before === null || after === null ? null : Math.max(0, after - before);
}

function scaled(value: number | null, share: number): number | null {
  return value === null ? null : value * share;
}
