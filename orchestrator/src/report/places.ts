import type { OverheadKind, RankedPair, Ranking } from '../record/summary.js';
import type { LevelRows, ReportModel, ScenarioRows } from './model.js';

/** The places at one scenario and level, as a line to read. */
export interface PlaceLine {
  readonly scenario: string;
  readonly level: string;
  readonly by: OverheadKind;
  /** `p50`, `p99`, or `p50, p99` where both say the same. */
  readonly quantiles: string;
  /** The fastest first, each with its letters: `crabllm a · slow b · portkey b`. */
  readonly places: string;
  /** What more blocks would tell: `slow, portkey: about 5 more blocks would tell`; empty where every pair is told. */
  readonly open: string;
  /** Gateways that were there and have no figure. */
  readonly without: readonly string[];
}

/** What the letters say, wherever they are shown. */
export const LETTERS = 'gateways that share a letter cannot be told apart';

/** Why a reader who lays intervals beside each other may see it otherwise. */
export const LETTERS_BY = 'judged in pairs, block by block, and not by whether two intervals overlap';

/** The places of every level of a scenario at which there is something to compare. */
export function placeLines({ absentTargets }: ReportModel, { scenario, levels }: ScenarioRows): PlaceLine[] {
  const absent = new Set(absentTargets.map(({ target }) => target));
  return levels.flatMap((level) =>
    linesOf(level).map(([quantiles, { by, places, pairs, unplaced }]) => ({
      scenario,
      level: level.label,
      by,
      quantiles,
      places: placesText(places),
      open: openText(pairs),
      without: unplaced.filter((target) => !absent.has(target)),
    })),
  );
}

function linesOf({ rankings }: LevelRows): [string, Ranking][] {
  const told = rankings.filter(({ places }) => places.length > 1);
  const [first, second] = told;
  if (first === undefined) return [];
  const same =
    second !== undefined &&
    first.by === second.by &&
    placesText(first.places) === placesText(second.places) &&
    openText(first.pairs) === openText(second.pairs);
  return same ? [[`${first.quantile}, ${second.quantile}`, first]] : told.map((ranking) => [ranking.quantile, ranking]);
}

function placesText(places: Ranking['places']): string {
  // Letters stay with their names where the line breaks.
  return places.map(({ target, letters }) => `${target}\u00A0${letters}`).join(' · ');
}

/** A list of many pairs is no help: the nearest to be told come first, and the rest is counted. */
const SHOWN_PAIRS = 3;

function openText(pairs: readonly RankedPair[]): string {
  const open = pairs.filter(({ told }) => !told);
  if (open.length === 0) return '';
  const near = open
    .filter(({ blocksNeeded }) => blocksNeeded !== null)
    .toSorted((a, b) => (a.blocksNeeded ?? 0) - (b.blocksNeeded ?? 0));
  const shown = near.slice(0, SHOWN_PAIRS).map(({ faster, slower, blocks, blocksNeeded }) => {
    const more = (blocksNeeded ?? blocks) - blocks;
    return `${faster}, ${slower}: about ${more} more ${more === 1 ? 'block' : 'blocks'} would tell`;
  });
  const rest = near.length - shown.length;
  const beyond = open.filter(({ blocksNeeded }) => blocksNeeded === null);
  const far = beyond.length;
  return [
    ...shown,
    ...(rest > 0 ? [`${rest} more ${rest === 1 ? 'pair' : 'pairs'} with more`] : []),
    ...(far === 1 ? beyond.map(({ faster, slower }) => `${faster}, ${slower}: not by ten times the blocks`) : []),
    ...(far > 1 ? [`${far} pairs: not by ten times the blocks`] : []),
  ].join('; ');
}
