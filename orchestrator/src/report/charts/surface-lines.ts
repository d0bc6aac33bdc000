import type { Range, SurfacePoint } from '../../record/surface.js';
import { formatMiB } from '../format.js';

/** By what points stand side by side: the first of these in which they differ. */
const ALONG = ['cpus', 'memoryBytes', 'workers'] as const;
export type Along = (typeof ALONG)[number];

/** A gateway at one setting of everything but what stands along x. */
export interface SurfaceLine {
  readonly gateway: string;
  /** `512 MiB, 2 workers`; empty where all lines of the picture have the same. */
  readonly setting: string;
  /** Which of the settings of its gateway it is, from 0. */
  readonly index: number;
  /** In the order along x. */
  readonly points: readonly SurfacePoint[];
}

/** The points of a scenario as lines. */
export interface SurfaceLines {
  readonly along: Along;
  /** In their order along x; null, which is no limit, is last. */
  readonly places: readonly (number | null)[];
  readonly lines: readonly SurfaceLine[];
}

/** Groups the points of one scenario, in their order, into lines along whatever was varied: CPUs, else memory, else workers. */
export function surfaceLines(points: readonly SurfacePoint[]): SurfaceLines {
  const varied = ALONG.filter((name) => new Set(points.map((point) => point[name])).size > 1);
  const [along = 'cpus'] = varied;
  const rest = varied.filter((name) => name !== along);
  const lines = new Map<string, SurfacePoint[]>();
  for (const point of points) {
    const key = JSON.stringify([point.gateway, ...rest.map((name) => point[name])]);
    lines.set(key, [...(lines.get(key) ?? []), point]);
  }
  const seen = new Map<string, number>();
  return {
    along,
    places: [...new Set(points.map((point) => point[along]))].sort(ascending),
    lines: [...lines.values()].flatMap((own) => {
      const [first] = own;
      if (first === undefined) return [];
      const index = seen.get(first.gateway) ?? 0;
      seen.set(first.gateway, index + 1);
      return [
        {
          gateway: first.gateway,
          setting: rest.map((name) => settingText(name, first[name])).join(', '),
          index,
          points: own.toSorted((a, b) => ascending(a[along], b[along])),
        },
      ];
    }),
  };
}

function ascending(a: number | null, b: number | null): number {
  return (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY) || 0;
}

/** `2 CPUs`, `512 MiB`, `no limit of memory`. */
export function settingText(along: Along, value: number | null): string {
  if (along === 'cpus') return value === null ? 'all CPUs' : `${value} ${value === 1 ? 'CPU' : 'CPUs'}`;
  if (along === 'memoryBytes')
    return value === null ? 'no limit of memory' : `${formatMiB(value).replace('.0', '')} MiB`;
  return value === null ? 'its own workers' : `${value} ${value === 1 ? 'worker' : 'workers'}`;
}

/** The figure that is drawn of a range: its value, else the end that is known; null of nothing. */
export function drawnValue(range: Range | null): number | null {
  return range === null ? null : (range.value ?? range.low ?? range.high);
}
