import { cellKey, type CellId } from '../../record/cell.js';
import type { MeasureName } from '../../record/comparison.js';
import { whyNotComparable } from '../compare/comparable.js';
import { meanOf } from '../student.js';
import type { Segment } from './change-points.js';
import type { CellFigures, Figure, RunFigures } from './run-figures.js';

/** A figure of one run in its series. */
export interface SeriesPoint {
  /** The run's place on the page. */
  readonly run: number;
  readonly cell: CellFigures;
  readonly figure: Figure;
}

/** Where a series cannot go on: from this run on it is another. */
export interface SeriesBreak {
  readonly run: number;
  readonly reasons: readonly string[];
}

/** One quantity of one cell through all runs, oldest first. */
export interface FigureSeries {
  readonly id: CellId;
  readonly kind: CellFigures['kind'];
  readonly name: MeasureName;
  readonly points: readonly SeriesPoint[];
  readonly breaks: readonly SeriesBreak[];
  /** Whether all are above 0 and logarithms are taken. */
  readonly logarithmic: boolean;
}

/** All series of the runs, in the order in which runs plan their cells. */
export function seriesOf(runs: readonly RunFigures[]): FigureSeries[] {
  const drafts = new Map<string, SeriesPoint[]>();
  for (const [run, { cells }] of runs.entries())
    for (const cell of cells)
      for (const figure of cell.figures) {
        const key = `${cellKey(cell)} ${figure.name}`;
        drafts.set(key, [...(drafts.get(key) ?? []), { run, cell, figure }]);
      }
  const whyNot = breakFinder(runs);
  return [...drafts.values()].map((points): FigureSeries => {
    const { cell, figure } = points[0] as SeriesPoint;
    const breaks = points.flatMap((point, i) => {
      const before = points[i - 1];
      if (before === undefined) return [];
      const reasons = [...whyNot(before, point), ...otherKind(before.figure, point.figure)];
      return reasons.length === 0 ? [] : [{ run: point.run, reasons }];
    });
    return {
      id: { target: cell.target, scenario: cell.scenario, level: cell.level },
      kind: cell.kind,
      name: figure.name,
      points,
      breaks,
      logarithmic: points.every((point) => point.figure.blocks.every((value) => value > 0)),
    };
  });
}

/** Asks once for each target and two runs, not for each of its figures. */
function breakFinder(runs: readonly RunFigures[]): (before: SeriesPoint, point: SeriesPoint) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  return (before, point) => {
    const key = JSON.stringify([before.run, before.cell.name, point.run, point.cell.name]);
    const found =
      known.get(key) ??
      whyNotComparable(
        { run: (runs[before.run] as RunFigures).comparable, targets: [before.cell.name] },
        { run: (runs[point.run] as RunFigures).comparable, targets: [point.cell.name] },
      ).map((reason) => reason.replace(/ in a, ([^]*) in b$/, ' before, $1 from here on'));
    known.set(key, found);
    return found;
  };
}

function otherKind(before: Figure, here: Figure): string[] {
  if (before.by === here.by) return [];
  return [`overhead: ${before.by ?? 'unknown'} before, ${here.by ?? 'unknown'} from here on`];
}

/** A run's figure on the scale on which it is judged. */
export function centreOf({ blocks }: Figure, logarithmic: boolean): number {
  return meanOf(logarithmic ? blocks.map(Math.log) : blocks);
}

/** A run's figure for a person: the geometric mean of its blocks where that can be taken. */
export function valueOfFigure({ logarithmic }: FigureSeries, figure: Figure): number {
  const centre = centreOf(figure, logarithmic);
  return logarithmic ? Math.exp(centre) : centre;
}

/** The points between breaks. */
export function stretchesOf({ points, breaks }: FigureSeries): SeriesPoint[][] {
  const stretches: SeriesPoint[][] = [];
  for (const point of points) {
    if (stretches.length === 0 || breaks.some(({ run }) => run === point.run)) stretches.push([point]);
    else stretches.at(-1)?.push(point);
  }
  return stretches;
}

/** A stretch as change points are looked for in it. */
export function segmentOf({ logarithmic }: FigureSeries, stretch: readonly SeriesPoint[]): Segment {
  return { runs: stretch.map(({ run }) => run), values: stretch.map(({ figure }) => centreOf(figure, logarithmic)) };
}
