import type { OverheadKind, Ranking } from '../record/summary.js';
import type { LevelRows, ReportModel, ScenarioRows } from './model.js';

/** The places at one scenario and level, as a line to read. */
export interface PlaceLine {
  readonly scenario: string;
  readonly level: string;
  readonly by: OverheadKind;
  /** `p50`, `p99`, or `p50, p99` where both say the same. */
  readonly quantiles: string;
  /** Best first: `1 crabllm · 2 bifrost = portkey`. */
  readonly places: string;
  /** Gateways that were there and have no figure. */
  readonly without: readonly string[];
}

/** The places of every level of a scenario at which there is something to compare. */
export function placeLines({ absentTargets }: ReportModel, { scenario, levels }: ScenarioRows): PlaceLine[] {
  const absent = new Set(absentTargets.map(({ target }) => target));
  return levels.flatMap((level) =>
    linesOf(level).map(([quantiles, { by, places, unplaced }]) => ({
      scenario,
      level: level.label,
      by,
      quantiles,
      places: placesText(places),
      without: unplaced.filter((target) => !absent.has(target)),
    })),
  );
}

function linesOf({ rankings }: LevelRows): [string, Ranking][] {
  const told = rankings.filter(({ places }) => places.flatMap(({ targets }) => targets).length > 1);
  const [first, second] = told;
  if (first === undefined) return [];
  const same = second !== undefined && first.by === second.by && placesText(first.places) === placesText(second.places);
  return same ? [[`${first.quantile}, ${second.quantile}`, first]] : told.map((ranking) => [ranking.quantile, ranking]);
}

function placesText(places: Ranking['places']): string {
  return places.map(({ place, targets }) => `${place} ${targets.join(' = ')}`).join(' · ');
}
