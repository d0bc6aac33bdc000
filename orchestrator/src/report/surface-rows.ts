import type { Range, SurfacePoint } from '../record/surface.js';
import { formatMiB, formatNumber } from './format.js';

/** One point of a surface as a row to read. */
export interface SurfaceRow {
  readonly scenario: string;
  /** By {@link SURFACE_HEADS}. */
  readonly texts: readonly string[];
}

export const SURFACE_TITLE = 'Capacity by limits';

/** Those of words; the others are figures. */
export const SURFACE_WORDS: readonly string[] = ['gateway', 'gave way'];

export const SURFACE_HEADS: readonly string[] = [
  'gateway',
  'CPUs',
  'MiB',
  'workers',
  'rps',
  'requests a CPU-second',
  'efficiency',
  'cost of a million',
  'gave way',
];

/** What stands below the table. */
export const SURFACE_LEGEND =
  'rps: the rate within the conditions, with the ends that were settled (96 %). Requests a CPU-second at the lower end, with a 95 % interval over ' +
  'its windows. Efficiency: the rate a CPU (or a worker, where all have the same CPUs) over that of the point with the fewest; 1 is a rate that ' +
  'follows. Cost: the limits times --price, over the rate: of a gateway that is as busy as it may be. – : not known, or nothing to compare with.';

/** The name of a scenario's picture, without look and ending. */
export function surfacePictureName(scenario: string): string {
  return `surface-${scenario}`;
}

/** The rows, in the order of the points. */
export function surfaceRows(points: readonly SurfacePoint[]): SurfaceRow[] {
  return points.map((point) => ({
    scenario: point.scenario,
    texts: [
      point.gateway,
      point.cpus === null ? '–' : String(point.cpus),
      point.memoryBytes === null ? '–' : formatMiB(point.memoryBytes),
      point.workers === null ? '–' : String(point.workers),
      surfaceRate(point),
      rangeText(point.requestsPerCpuSecond, formatNumber),
      rangeText(point.efficiency, (value) => value.toFixed(2)),
      rangeText(point.costPerMillion, (value) => String(Number(value.toPrecision(3)))),
      point.rps === null ? `${point.state}: ${surfaceReason(point)}` : (point.gaveWay ?? '–'),
    ],
  }));
}

/** Why a point has no rate; of one at which nothing held, what gave way. */
export function surfaceReason({ reason, gaveWay }: SurfacePoint): string {
  return reason?.message ?? gaveWay ?? 'the conditions did not hold at the lowest rate that was asked for';
}

/** `410 to 440`, `at least 410`, `none`. */
export function surfaceRate({ rps, state }: SurfacePoint): string {
  if (rps === null || rps.low === null) return state === 'none' ? 'none' : '–';
  return rps.high === null
    ? `at least ${formatNumber(rps.low)}`
    : `${formatNumber(rps.low)} to ${formatNumber(rps.high)}`;
}

function rangeText(range: Range | null, format: (value: number) => string): string {
  if (range === null) return '–';
  const { value, low, high } = range;
  if (value === null) {
    if (low !== null) return `at least ${format(low)}`;
    return high === null ? '–' : `at most ${format(high)}`;
  }
  return low === null || high === null || low === high
    ? format(value)
    : `${format(value)} [${format(low)}, ${format(high)}]`;
}
