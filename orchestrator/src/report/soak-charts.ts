import { memorySamples, type Sample, type SoakFit, soakFit } from '../analyse/soak.js';
import { formatLevel } from '../record/cell.js';
import type { Soak } from '../record/soak.js';
import type { TrialRecord } from '../record/trial.js';
import type { Chart, Lines, OnLine } from './charts/chart.js';
import { soakLegend, soakText } from './soak-text.js';

const MIB = 1024 ** 2;
const MS_A_MINUTE = 60_000;
/** A day of samples is drawn as so many points. */
const MOST_POINTS = 600;

/** A target's memory over a soak, with its scenario and level. */
export interface SoakChart {
  readonly scenario: string;
  readonly target: string;
  readonly chart: Chart;
}

/**
 * Memory over a soak, a chart a target, because what one grows by is nothing beside what another holds.
 * @param trials those that the soak was read from, in its order
 * @param targets names of all targets, in plan order
 */
export function soakCharts({ growth }: Soak, trials: readonly TrialRecord[], targets: readonly string[]): SoakChart[] {
  return growth.map((one, i) => {
    const { target, scenario, level, reason } = one;
    const samples = trials[i] === undefined ? [] : memorySamples(trials[i]);
    const drawing = drawn(samples, targets.indexOf(target));
    const chart: Chart = {
      key: `soak-${target}`,
      title: `Memory of ${target} over the soak`,
      sentence:
        `${soakText(one)} The thin line is the highest of each stretch of time; the marks are the medians of the parts, the dashed line goes ` +
        `through them, and the fan is the 95 % interval of its slope. The axis does not begin at 0. ${soakLegend([one])}`,
      level: formatLevel(level),
      drawing,
      lacks: [
        ...(drawing === null ? [`${target}: ${reason ?? 'its memory is not known, or too few samples'}`] : []),
        ...(drawing !== null && drawing.fit === undefined
          ? [`${target}: no line, because it was watched too short`]
          : []),
      ],
    };
    return { scenario, target, chart };
  });
}

function drawn(samples: readonly Sample[], target: number): Lines | null {
  const [first, last] = [samples[0]?.[0] ?? 0, samples.at(-1)?.[0] ?? 0];
  if (samples.length < 2 || last === first) return null;
  const stepMs = Math.max(1000, Math.ceil((last - first) / MOST_POINTS / 1000) * 1000);
  const ys = Array.from({ length: Math.floor((last - first) / stepMs) + 1 }, (): number | null => null);
  for (const [at, bytes] of samples) {
    const index = Math.floor((at - first) / stepMs);
    ys[index] = Math.max(ys[index] ?? 0, bytes);
  }
  const fit = soakFit(samples);
  return {
    kind: 'lines',
    along: 'soak',
    unit: 'MiB',
    log: false,
    isClose: true,
    from: 0,
    step: stepMs / MS_A_MINUTE,
    lines: [{ target, part: '', ys: ys.map((bytes) => (bytes === null ? null : inMiB(bytes))) }],
    figures: fit === null ? [] : partsOf(fit, target, first),
    begins: [],
    limits: [],
    ...(fit === null ? {} : { fit: lineOf(fit, target, first) }),
  };
}

function partsOf({ parts }: SoakFit, target: number, firstMs: number): OnLine[] {
  return parts.map(([at, bytes], i) => {
    const y = inMiB(bytes);
    return { target, x: inMinutes(at - firstMs), y, low: y, high: y, about: `median of part ${i + 1}` };
  });
}

/** The line and both ends of its slope's interval, from the first part to the last. */
function lineOf({ parts, middle, bytesPerHour }: SoakFit, target: number, firstMs: number): NonNullable<Lines['fit']> {
  const [from, to] = [parts[0]?.[0] ?? 0, parts.at(-1)?.[0] ?? 0];
  const ends = (slope: number): readonly [number, number] => {
    const at = (ms: number): number => inMiB(middle[1] + (slope * (ms - middle[0])) / (60 * MS_A_MINUTE));
    return [at(from), at(to)];
  };
  const { value, low, high } = bytesPerHour;
  const xs = [inMinutes(from - firstMs), inMinutes(to - firstMs)] as const;
  return { target, xs, value: ends(value), low: ends(low), high: ends(high) };
}

function inMinutes(ms: number): number {
  return Number((ms / MS_A_MINUTE).toPrecision(5));
}

function inMiB(bytes: number): number {
  return Number((bytes / MIB).toPrecision(6));
}
