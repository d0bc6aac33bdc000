import type { Estimate } from '../record/summary.js';
import { LEAST_SOAK_MS, type MemoryGrowth, type Soak } from '../record/soak.js';
import type { Manifest } from '../record/manifest.js';
import type { StoredRun } from '../record/run-directory.js';
import type { TrialRecord } from '../record/trial.js';
import { meanOf, medianOf, studentT975 } from './student.js';

/** Of the time watched that is left out at the beginning: pools and caches fill, which is no leak. */
const SETTLING_SHARE = 0.2;
const SEGMENTS = 24;
/** Of a soak that is too short for a slope. */
const FEW_SEGMENTS = 4;
const LEAST_SAMPLES = 4;
/** The samples of a soak begin and end a little inside of it. */
const SEEN_OF_SOAK = 0.95;
/** Growth of less than this share of the memory an hour is none that anybody would act on. */
const LEAST_SHARE_PER_HOUR = 0.01;

const MS_AN_HOUR = 3_600_000;

/** When, and how many bytes. */
export type Sample = readonly [at: number, bytes: number];

/** What a run says of memory over a soak; null when it is none. */
export function soakOf({ manifest, trials }: StoredRun): Soak | null {
  return manifest.options['soak'] === undefined ? null : analyseSoak(manifest, trials);
}

/** The line through the medians of a soak's parts, in milliseconds of the trial and bytes. */
export interface SoakFit {
  readonly parts: readonly Sample[];
  /** Where the line and both ends of its interval meet: the middle of the parts. */
  readonly middle: Sample;
  readonly bytesPerHour: Estimate;
}

/** What the growth of a soak was read from; null where it was watched too short, or too seldom. */
export function soakFit(samples: readonly Sample[]): SoakFit | null {
  if (watchedMsOf(samples) < SEEN_OF_SOAK * LEAST_SOAK_MS) return null;
  const parts = partsOf(samples, SEGMENTS);
  if (parts === null) return null;
  const inMs = parts.map(([hours, bytes]) => [hours * MS_AN_HOUR, bytes] as const);
  const middle = [meanOf(inMs.map(([at]) => at)), meanOf(inMs.map(([, bytes]) => bytes))] as const;
  return { parts: inMs, middle, bytesPerHour: slopeOf(parts) };
}

/** What was seen of a target's memory in a trial. */
export function memorySamples({ resources }: Pick<TrialRecord, 'resources'>): Sample[] {
  return (resources?.series ?? []).flatMap(([atMs, bytes]) => (bytes === null ? [] : [[atMs, bytes] as const]));
}

/** Whether memory grew over a soak, target by target. */
export function analyseSoak({ id, targets }: Manifest, trials: readonly TrialRecord[]): Soak {
  return {
    schemaVersion: 1,
    run: id,
    growth: trials.map((trial) => {
      const { target, scenario, level, state } = trial;
      const growth = growthOf(memorySamples(trial));
      const absent = targets.find(({ name }) => name === target)?.absent?.message;
      const reason =
        growth === null ? (absent ?? trial.reason?.message ?? 'its memory is not known, or too few samples') : null;
      return { target, scenario, level, state, growth, reason };
    }),
  };
}

/**
 * The slope of memory over time with its 95 % interval. After the first fifth the time is cut into 24 segments; a line is fitted through
 * their medians, so that the teeth of a garbage collector count once and not by the number of samples. Segments next to each other
 * are alike, so that they count as n·(1 − r)/(1 + r) independent ones, both in the standard error and in the degrees of freedom; r is the
 * correlation of neighbouring residuals, plus (2 + 4r)/n for what fitting a line takes from it (Kendall 1954), plus its standard error
 * √((1 − r²)/n): taken too low it would make growth out of wandering.
 * Of less than {@link LEAST_SOAK_MS} only the first and the last part are told. Null with fewer than four samples a segment.
 */
export function growthOf(samples: readonly Sample[]): MemoryGrowth | null {
  const watchedMs = watchedMsOf(samples);
  if (watchedMs < SEEN_OF_SOAK * LEAST_SOAK_MS) {
    const parts = partsOf(samples, FEW_SEGMENTS);
    return parts && { ...endsOf(parts), bytesPerHour: null, watchedMs, verdict: 'too-short' };
  }
  const parts = partsOf(samples, SEGMENTS);
  if (parts === null) return null;
  const { value, low, high } = slopeOf(parts);
  const least = LEAST_SHARE_PER_HOUR * meanOf(parts.map(([, bytes]) => bytes));
  const verdict = low > 0 && value >= least ? 'grows' : high < 0 && value <= -least ? 'shrinks' : 'no-growth-told';
  const bytesPerHour = { value: Math.round(value), low: Math.round(low), high: Math.round(high) };
  return { ...endsOf(parts), bytesPerHour, watchedMs, verdict };
}

function watchedMsOf(samples: readonly Sample[]): number {
  return (samples.at(-1)?.[0] ?? 0) - (samples[0]?.[0] ?? 0);
}

/** The time after settling, cut evenly: the middle of each part in hours, and the median of its bytes. Null where a part has too few. */
function partsOf(samples: readonly Sample[], count: number): Sample[] | null {
  const [first, last] = [samples[0]?.[0] ?? 0, samples.at(-1)?.[0] ?? 0];
  const fromMs = first + SETTLING_SHARE * (last - first);
  const width = (last - fromMs) / count;
  const parts = Array.from({ length: count }, (_, i) =>
    samples.filter(([at]) => at >= fromMs + i * width && (at < fromMs + (i + 1) * width || i === count - 1)),
  );
  if (parts.some((part) => part.length < LEAST_SAMPLES)) return null;
  return parts.map((part) => [meanOf(part.map(([at]) => at)) / MS_AN_HOUR, medianOf(part.map(([, bytes]) => bytes))]);
}

function endsOf(parts: readonly Sample[]): Pick<MemoryGrowth, 'startBytes' | 'endBytes'> {
  return { startBytes: parts[0]?.[1] ?? 0, endBytes: parts.at(-1)?.[1] ?? 0 };
}

function slopeOf(points: readonly Sample[]): Estimate {
  const [meanX, meanY] = [meanOf(points.map(([x]) => x)), meanOf(points.map(([, y]) => y))];
  const sxx = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const value = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / sxx;
  const residuals = points.map(([x, y]) => y - meanY - value * (x - meanX));
  const squares = residuals.reduce((sum, residual) => sum + residual ** 2, 0);
  const neighbours = residuals.slice(1).reduce((sum, residual, i) => sum + residual * (residuals[i] as number), 0);
  const n = points.length;
  const seen = squares === 0 ? -0.5 : neighbours / squares;
  const r = Math.min(0.95, Math.max(0, seen + (2 + 4 * seen) / n + Math.sqrt((1 - seen ** 2) / n)));
  const independent = (n * (1 - r)) / (1 + r);
  const error = Math.sqrt(squares / (n - 2) / sxx) * Math.sqrt(n / independent);
  const reach = studentT975(Math.max(1, Math.floor(independent) - 2)) * error;
  return { value, low: value - reach, high: value + reach };
}
