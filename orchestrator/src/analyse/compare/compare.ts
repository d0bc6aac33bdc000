import { cellKey } from '../../record/cell.js';
import type { ComparedCell, ComparedMeasure, Comparison, MeasureName } from '../../record/comparison.js';
import type { CompareSide } from '../../record/compare-sides.js';
import { MEASURES } from '../../record/comparison.js';
import type { StoredRun } from '../../record/run-directory.js';
import { analysedCells } from '../analyse.js';
import { type Change, type SeriesPair, changeOf } from './change.js';
import { movedDirect } from './comparable.js';
import { holm } from '../holm.js';
import { LEAST_EFFECT } from '../overhead.js';
import { type CellInRun, measureSeries } from './measure-series.js';
import type { AnalysedCell } from '../standing.js';

/**
 * Compares b with a, cell by cell; the n-th target of the one side with the n-th of the other.
 *
 * Within one run the figures of a block are subtracted from each other, so that what makes a block slow falls out, and the interval is
 * Student's t over blocks. Between two runs it is Welch's over the blocks of each. A change is one when, by a test against the noise
 * floor (direct against direct, the larger of the two runs'), it holds after Holm's correction over all cells and quantiles of the same
 * quantity, and when it is at least 3 % of a's figure: of a quantile shift, of the latency that it is a part of; of an overhead of each request,
 * of that overhead. One block tells nothing.
 * @returns the cells in the order of a's plan; those that only one side has are in the notes
 */
export function compareRuns(a: CompareSide, b: CompareSide): Comparison {
  const pairing = a.run.manifest.id === b.run.manifest.id ? 'blocks' : 'runs';
  const [cellsOfA, cellsOfB] = [cellsOf(a.run), a.run === b.run ? cellsOf(a.run) : cellsOf(b.run)];
  const renamed = new Map(a.targets.map((target, i) => [target, b.targets[i] ?? target]));
  const notes: string[] = [];
  const drafts = cellsOfA.flatMap((cell): Draft[] => {
    const name = renamed.get(cell.id.target);
    if (name === undefined) return [];
    const other = cellsOfB.find(({ id }) => cellKey(id) === cellKey({ ...cell.id, target: name }));
    if (other === undefined) return [];
    return [draftOf({ cell, cells: cellsOfA }, { cell: other, cells: cellsOfB }, pairing === 'blocks')];
  });
  const lonely = cellsOfA.filter(({ id }) => renamed.has(id.target)).length - drafts.length;
  if (lonely > 0) notes.push(`${lonely} cells of a have no counterpart in b and are left out`);
  const lonelyOfB = cellsOfB.filter(({ id }) => b.targets.includes(id.target)).length - drafts.length;
  if (lonelyOfB > 0) notes.push(`${lonelyOfB} cells of b have no counterpart in a and are left out`);
  return {
    schemaVersion: 1,
    a: sideOf(a),
    b: sideOf(b),
    pairing,
    cells: judgeTogether(drafts),
    notes: [...notes, ...(pairing === 'runs' ? movedDirect(cellsOfA, cellsOfB) : [])],
  };
}

interface Draft {
  readonly compared: Omit<ComparedCell, 'measures'>;
  readonly changes: readonly (Change & { readonly name: MeasureName; readonly pair: SeriesPair })[];
}

function cellsOf({ manifest, trials }: StoredRun): AnalysedCell[] {
  return analysedCells(manifest, trials);
}

function draftOf(a: CellInRun, b: CellInRun, paired: boolean): Draft {
  const { scenario, level, target } = a.cell.id;
  const bothOk = a.cell.standing.state === 'ok' && b.cell.standing.state === 'ok';
  return {
    compared: { a: target, b: b.cell.id.target, scenario, level, ...verdictOfStates(a.cell, b.cell) },
    changes: bothOk
      ? MEASURES.flatMap((name) => {
          const pair = measureSeries(name, a, b);
          const change = pair === null ? null : changeOf(pair, paired);
          return pair === null || change === null ? [] : [{ name, pair, ...change }];
        })
      : [],
  };
}

/**
 * A cell that is ok on one side alone says something only when every trial there and here agrees: at the edge of saturation a coin is tossed.
 * Where it was a that kept up, that is no "cannot be told", which a gate lets pass: b may well be broken.
 */
function verdictOfStates(a: AnalysedCell, b: AnalysedCell): Pick<ComparedCell, 'verdict' | 'reason'> {
  const [stateA, stateB] = [a.standing.state, b.standing.state];
  if (stateA === 'ok' && stateB === 'ok') return { verdict: 'cannot-be-told', reason: null };
  const reason = `a ${standingText(a)}; b ${standingText(b)}`;
  if ([stateA, stateB].some((state) => state === 'absent' || state === 'invalid'))
    return { verdict: 'not-compared', reason };
  if (stateA !== 'ok' && stateB !== 'ok') return { verdict: 'cannot-be-told', reason };
  if (a.standing.mixture !== null || b.standing.mixture !== null)
    return { verdict: stateA === 'ok' ? 'not-compared' : 'cannot-be-told', reason };
  return { verdict: stateA === 'ok' ? 'worse' : 'better', reason };
}

function standingText({ standing }: AnalysedCell): string {
  return standing.reason?.message ?? (standing.mixture === null ? 'ok' : `ok (trials: ${standing.mixture})`);
}

/** Holm's correction over what is of the same quantity: overheads of all cells and quantiles, CPU of all cells, and so on. */
function judgeTogether(drafts: readonly Draft[]): ComparedCell[] {
  const all = drafts.flatMap(({ changes }) => changes);
  const told = new Set<unknown>();
  for (const family of new Set(all.map(({ name }) => familyOf(name)))) {
    const members = all.filter(({ name }) => familyOf(name) === family);
    for (const [i, isTold] of holm(members.map(({ p }) => p)).entries()) if (isTold) told.add(members[i]);
  }
  return drafts.map(({ compared, changes }) => ({
    ...compared,
    measures: changes.map((change) => {
      const { name, pair, change: estimate, blocks } = change;
      const large = Math.abs(estimate.value) >= LEAST_EFFECT * Math.abs(pair.reference);
      const different = told.has(change) && large;
      return {
        name,
        by: pair.by,
        unit: pair.unit,
        a: tenths(change.a),
        b: tenths(change.b),
        change: { value: tenths(estimate.value), low: tenths(estimate.low), high: tenths(estimate.high) },
        noiseFloor: pair.floor,
        blocks,
        verdict: verdictOf(different, estimate.value),
      };
    }),
  }));
}

/** Less is better in everything that is compared. */
function verdictOf(different: boolean, change: number): ComparedMeasure['verdict'] {
  if (!different) return 'cannot-be-told';
  return change > 0 ? 'worse' : 'better';
}

function familyOf(name: MeasureName): string {
  return name.split('.', 1)[0] ?? name;
}

function sideOf({ run: { manifest }, targets }: CompareSide): Comparison['a'] {
  return {
    run: manifest.id,
    startedAt: manifest.startedAt,
    targets: manifest.targets
      .filter(({ name }) => targets.includes(name))
      .map(({ name, version, digest }) => ({ name, version, digest })),
  };
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
