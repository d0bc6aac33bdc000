import { type CellId, cellKey, formatLevel } from '../record/cell.js';
import type { CellSummary, Estimate, Finding, NoiseFloor, OverheadKind } from '../record/summary.js';
import type { PrecisionRecord } from '../record/manifest.js';

const QUANTILES = ['p50', 'p90', 'p99'] as const;
type QuantileName = (typeof QUANTILES)[number];

/** An overhead of which less is known than was asked for. */
export interface WideInterval extends CellId {
  readonly quantile: QuantileName;
  readonly by: OverheadKind;
  readonly halfWidthUs: number;
  /** What it would have to be at most. */
  readonly wantedUs: number;
  readonly why: string;
}

/** What of a summary precision is judged by. */
export interface Judged {
  readonly cells: readonly CellSummary[];
  readonly noiseFloor: readonly NoiseFloor[];
}

/**
 * The overhead intervals whose half-width is above `share` of the overhead itself, or of direct's own quantile where the overhead is less than
 * that: 5 % of nothing could never be reached. The headline of each cell counts: per request, or else the quantile shift. Cells without
 * figures (saturated, failed) have no interval to narrow, and neither has a quantile that the sample does not carry.
 * @param share for example 0.05
 */
export function wideIntervals({ cells, noiseFloor }: Judged, share: number): WideInterval[] {
  return cells.flatMap((cell) => {
    if (cell.state !== 'ok' || cell.overheadUs === undefined) return [];
    const by: OverheadKind = cell.perRequest === undefined ? 'quantile-shift' : 'per-request';
    return QUANTILES.flatMap((quantile): WideInterval[] => {
      const [estimate, reference] = figuresOf(cell, cells, quantile);
      if (estimate === undefined) return [];
      const halfWidthUs = (estimate.high - estimate.low) / 2;
      const wantedUs = share * Math.max(Math.abs(estimate.value), reference?.value ?? 0);
      if (halfWidthUs <= wantedUs) return [];
      const { target, scenario, level } = cell;
      const floorUs = floorOf(cell, noiseFloor, quantile);
      return [
        {
          target,
          scenario,
          level,
          quantile,
          by,
          halfWidthUs,
          wantedUs,
          why: reasonFor(cell, halfWidthUs, wantedUs, floorUs),
        },
      ];
    });
  });
}

/** The overhead, and the quantile of direct that it is held against where it is small. */
function figuresOf(
  { perRequest, overheadUs, ...cell }: CellSummary,
  cells: readonly CellSummary[],
  quantile: QuantileName,
): [Estimate | undefined, Estimate | undefined] {
  if (perRequest !== undefined) return [perRequest.overheadUs[quantile], perRequest.directUs?.[quantile]];
  const direct = cells.find(
    (other) => other.overheadUs === undefined && cellKey({ ...other, target: '' }) === cellKey({ ...cell, target: '' }),
  );
  return [overheadUs?.[quantile], direct?.latencyUs[quantile]];
}

function floorOf(
  { perRequest, scenario, level }: CellSummary,
  floors: readonly NoiseFloor[],
  quantile: QuantileName,
): number | null {
  if (perRequest !== undefined) return perRequest.noiseFloorUs?.[quantile] ?? null;
  const at = cellKey({ target: '', scenario, level });
  return floors.find((floor) => cellKey({ ...floor, target: '' }) === at)?.[`${quantile}Us`] ?? null;
}

/** A forecast from a few blocks is worth little beyond this many times as many: their spread is itself known by half at best. */
const FORECAST_FACTOR = 10;

function reasonFor({ blocks }: CellSummary, halfWidthUs: number, wantedUs: number, floorUs: number | null): string {
  if (blocks < 2) return 'one block says nothing of how blocks differ';
  // The error falls with the root of the blocks; Student's t falls as well, so that this is rather too many.
  const factor = (halfWidthUs / wantedUs) ** 2;
  const there = `there are ${blocks}`;
  const noisy = floorUs !== null && floorUs > halfWidthUs;
  const cause = noisy ? `direct itself differs by up to ${Math.round(floorUs)} µs` : 'its blocks differ';
  // Not "not above": a wanted width of 0 gives no number, and is out of reach as well.
  if (!(factor <= FORECAST_FACTOR))
    return `${cause}; it would take more than ${FORECAST_FACTOR} times as many blocks (${there}): out of reach on this machine today`;
  const needed = Math.ceil(blocks * factor);
  return noisy
    ? `${cause}: a quieter machine, or about ${needed} blocks (${there})`
    : `${cause}; about ${needed} would do (${there})`;
}

const ENDED: Readonly<Record<PrecisionRecord['endedBy'], string>> = {
  reached: 'the precision was reached',
  blocks: '--max-blocks was reached',
  budget: 'the --budget was used up',
  open: 'the run was ended early',
};

/** What became of the precision that was asked for. */
export function precisionFindings(judged: Judged, asked: PrecisionRecord | undefined): Finding[] {
  if (asked === undefined) return [];
  const wide = wideIntervals(judged, asked.share);
  const all = judged.cells.filter(({ state, overheadUs }) => state === 'ok' && overheadUs !== undefined);
  const about = { target: null, scenario: null, level: null } as const;
  const wanted = `±${Number((asked.share * 100).toPrecision(3))} %`;
  if (wide.length === 0) {
    if (all.length === 0) return [];
    const message = `Every overhead is known to ${wanted}: ${ENDED[asked.endedBy]}.`;
    return [{ code: 'precision-reached', severity: 'info', ...about, message, evidence: { share: asked.share } }];
  }
  const excess = (interval: WideInterval): number => interval.halfWidthUs / interval.wantedUs;
  const worst = wide.toSorted((a, b) => excess(b) - excess(a));
  const told = worst.slice(0, 3).map((interval) => {
    const { target, scenario, level, quantile, why } = interval;
    return `${target} ${scenario} at ${formatLevel(level)}, ${quantile}: ±${(excess(interval) * asked.share * 100).toFixed(0)} % (${why})`;
  });
  const rest = wide.length > told.length ? `; and ${wide.length - told.length} more` : '';
  const message = `${wide.length} overhead interval${wide.length === 1 ? ' is' : 's are'} wider than ${wanted} when ${ENDED[asked.endedBy]}: ${told.join('; ')}${rest}.`;
  return [
    {
      code: 'precision-missed',
      severity: 'warning',
      ...about,
      message,
      evidence: { share: asked.share, intervals: worst },
    },
  ];
}
