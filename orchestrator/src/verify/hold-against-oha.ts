import { PROBABILITY, QUANTILE_NAMES, rankOf, valueAtRank } from '../analyse/quantile.js';
import type { TrialLoad } from '../load/driver.js';
import { windowCounts } from '../load/oha/counts.js';
import { type OhaOutput, type OhaPercentiles, parseOhaOutput } from '../load/oha/output.js';
import { ohaRecord } from '../load/oha/record.js';
import { differences } from '../record/differences.js';
import { bucketOf, Histogram } from '../record/histogram.js';
import type { Distribution, LoadRecord } from '../record/trial.js';

/** A value of a load that cannot have come out of what oha wrote. */
export interface Misfit {
  readonly field: string;
  readonly message: string;
}

/** What the trial was asked to do, as far as oha's output can be read with it. */
interface Asked extends Pick<TrialLoad, 'level' | 'streaming'> {
  /** Lengths that its warm-up may have had: the first of a fresh target is longer. */
  readonly warmupsMs: readonly number[];
}

/** Of a request, but nothing of these comes into a record's counts and times. */
const UNASKED = { url: '', headers: {}, body: '', timeoutMs: 0, expectedLatencyMs: 0, seed: 0 } as const;

/** What seconds in floating point and figures rounded to nanoseconds may differ by. */
const ROUNDING_US = 1;

/**
 * Holds a load against the JSON that oha wrote. That is of the whole run with its warm-up, and the rows by which the window was cut out
 * are not kept. So messages of errors and the time to the first byte have to be equal, counts have to be what the cut gives for the
 * answers that are said to be in the window, and the window's latencies have to be possible as a part of the run's.
 * @throws BenchError `driver-failed` when the JSON is not oha's
 */
export function holdAgainstOha(raw: Uint8Array, load: LoadRecord, asked: Asked): Misfit[] {
  const output = parseOhaOutput(raw);
  // All of a closed loop without warm-up is its window: so this is the record of the whole run.
  const all = { ...UNASKED, streaming: asked.streaming, level: { kind: 'streams', value: 1 }, warmupMs: 0 } as const;
  const whole = ohaRecord(
    { ...all, measureMs: load.windowMs },
    { output, rows: null, version: null, cpuUs: null, stalls: null },
  );
  return [
    ...unequal('errorExamples', load.errorExamples, whole.errorExamples),
    ...unequal('ttftUs', load.ttftUs, whole.ttftUs),
    ...countMisfits(load, whole, asked),
    ...latencyMisfits(load, output),
    ...histogramMisfits('latencyUs', load.latencyUs, load.windowMs),
    ...(load.latenessUs === null ? [] : histogramMisfits('latenessUs', load.latenessUs, load.windowMs)),
  ];
}

function unequal(field: string, written: unknown, expected: unknown): Misfit[] {
  return differences(written, expected, field).map((difference) => ({
    field: difference.field,
    message: `${difference.written ?? 'nothing'} is recorded, oha's output says ${difference.expected ?? 'nothing'}`,
  }));
}

function countMisfits(load: LoadRecord, whole: LoadRecord, { level, warmupsMs }: Asked): Misfit[] {
  const { status: _, ...errors } = whole.errors;
  const within = sum(load.statuses);
  const told = sum(whole.statuses);
  const ok = okOf(load.statuses);
  const bad = within - ok;
  const cuts = warmupsMs.map((warmupMs) => {
    const run = { answeredBefore: told - within, answeredWithin: within, errors };
    const { scheduled, dropped, errors: own } = windowCounts({ level, warmupMs, measureMs: load.windowMs }, run);
    return unequal(
      '',
      { scheduled: load.scheduled, dropped: load.dropped, ok: load.ok, errors: load.errors },
      { scheduled, dropped, ok, errors: bad > 0 ? { ...own, status: bad } : own },
    );
  });
  const ended = (load.achievedRps * load.windowMs) / 1000;
  const most = Math.min(told, level.kind === 'rps' ? load.scheduled : told);
  return [
    ...Object.entries(load.statuses)
      .filter(([status, count]) => count > (whole.statuses[status] ?? 0))
      .map(([status, count]) => tooMany(`statuses.${status}`, count, whole.statuses[status] ?? 0)),
    ...(cuts.some((cut) => cut.length === 0) ? [] : (cuts[0] ?? [])),
    ...(load.latencyUs.count === ok ? [] : unequal('latencyUs.count', load.latencyUs.count, ok)),
    ...(ended <= most + 1e-6 ? [] : [tooMany('achievedRps', Math.round(ended), most)]),
  ];
}

function tooMany(field: string, count: number, most: number): Misfit {
  return { field, message: `${count} answers are recorded, oha's output has room for ${most}` };
}

/**
 * Of N values, floor(q·N) are below oha's percentile q at most; of the n in the window the nearest rank of p is ceil(p·n). Where more
 * values than that would have to lie below or above it, the one cannot be a part of the other. One value is let pass either way.
 */
function latencyMisfits({ latencyUs }: LoadRecord, output: OhaOutput): Misfit[] {
  const all = okOf(output.statusCodeDistribution);
  const onlyOk = all === sum(output.statusCodeDistribution);
  const percentiles: Partial<OhaPercentiles> =
    output.latencyPercentilesSuccessful ?? (onlyOk ? output.latencyPercentiles : {});
  const known = Object.entries(percentiles).flatMap(([name, seconds]) =>
    seconds === null || seconds === undefined
      ? []
      : { name, below: Math.floor((Number(name.slice(1)) / 100) * all), us: seconds * 1e6 },
  );
  const { count, quantiles } = latencyUs;
  const { slowest, fastest } = output.summary;
  return RANKS.flatMap(([quantile, share]) => {
    const us = quantiles[quantile];
    if (us === null) return [];
    const rank = rankOf(count, share);
    const least = known.filter(({ below }) => rank > below + 1);
    const most = known.filter(({ below }) => count - rank + 1 > all - below);
    const tooLow = [...least, { name: 'fastest', us: (fastest ?? 0) * 1e6 }].find((one) => us < one.us - ROUNDING_US);
    const tooHigh = [...most, { name: 'slowest', us: (slowest ?? Number.POSITIVE_INFINITY) * 1e6 }].find(
      (one) => us > one.us + ROUNDING_US,
    );
    const field = `latencyUs.quantiles.${quantile}`;
    return [
      ...(tooLow === undefined ? [] : [bound(field, us, 'lower', tooLow)]),
      ...(tooHigh === undefined ? [] : [bound(field, us, 'higher', tooHigh)]),
    ];
  });
}

function bound(
  field: string,
  us: number,
  how: 'lower' | 'higher',
  { name, us: limitUs }: { name: string; us: number },
) {
  return {
    field,
    message: `${us} is recorded, ${how} than it can be where oha's output of the whole run has ${limitUs.toFixed(3)} as its ${name}`,
  };
}

/** Quantiles and histograms are of the same values: what is merged and resampled must not be other than what was held against oha. */
function histogramMisfits(field: string, { count, quantiles, seconds }: Distribution, windowMs: number): Misfit[] {
  if (seconds === null) return [];
  const merged = new Histogram();
  for (const second of seconds) merged.merge(second);
  const sparse = merged.toSparse();
  return [
    ...unequal(`${field}.seconds.length`, seconds.length, Math.ceil(windowMs / 1000)),
    ...unequal(`${field}.seconds (their sum)`, merged.total, count),
    ...RANKS.flatMap(([quantile, share]) => {
      const us = quantiles[quantile];
      const rank = rankOf(count, share);
      const bucket = rank < 1 || rank > merged.total ? null : bucketOf(valueAtRank(sparse, rank));
      return bucket === (us === null ? null : bucketOf(us))
        ? []
        : [{ field: `${field}.quantiles.${quantile}`, message: `${us} is recorded, its histograms say otherwise` }];
    }),
  ];
}

const RANKS = [...QUANTILE_NAMES.map((name) => [name, PROBABILITY[name]] as const), ['max', 1] as const];

/** Answers with a 2xx. */
function okOf(statuses: Readonly<Record<string, number>>): number {
  return sum(Object.fromEntries(Object.entries(statuses).filter(([status]) => status.startsWith('2'))));
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
