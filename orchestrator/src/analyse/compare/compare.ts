import { cellKey } from '../../record/cell.js';
import type { ComparedCell, ComparedMeasure, Comparison, MeasureName } from '../../record/comparison.js';
import type { CompareSide } from '../../record/compare-sides.js';
import { MEASURES } from '../../record/comparison.js';
import type { StoredRun } from '../../record/run-directory.js';
import { DEFAULT_RUN_TO_RUN, type RunToRun } from '../../record/run-to-run.js';
import { analysedCells } from '../analyse.js';
import { type Change, type ComparedFigure, changeOf, changeSeriesOf, type Pairing } from './change.js';
import { lentToChanges } from './lent.js';
import { movedTogether } from './moved.js';
import { holm } from '../judge/holm.js';
import { LEAST_EFFECT } from '../overhead.js';
import { type CellInRun, measureSeries } from './measure-series.js';
import type { AnalysedCell } from '../standing.js';

/**
 * Compares b with a, cell by cell; the n-th target of the one side with the n-th of the other.
 *
 * Within one run the figures of a block are held against each other, so that what makes a block slow falls out; between two runs the blocks of
 * each, and what runs add to blocks on top ({@link RunToRun}): what is compared is over `direct` of the same run, and even so two runs of one plan
 * differ by more than their blocks do. A change is one when it holds after Holm's correction over all cells and quantiles of the same quantity,
 * is beyond the noise floor (direct against direct, the larger of the two runs'), and at least 3 % of a's figure: of a quantile shift, of the
 * latency that it is a part of; of an overhead of each request, of that overhead. One block tells nothing.
 * @returns the cells in the order of a's plan; those that only one side has are in the notes
 */
export function compareRuns(a: CompareSide, b: CompareSide): Comparison {
  const pairing = a.run.manifest.id === b.run.manifest.id ? 'blocks' : 'runs';
  const runToRun = pairing === 'blocks' ? null : { a: runToRunOf(a.run), b: runToRunOf(b.run) };
  const [cellsOfA, cellsOfB] = [cellsOf(a.run), a.run === b.run ? cellsOf(a.run) : cellsOf(b.run)];
  const renamed = new Map(a.targets.map((target, i) => [target, b.targets[i] ?? target]));
  const notes: string[] = [];
  const drafts = cellsOfA.flatMap((cell): Draft[] => {
    const name = renamed.get(cell.id.target);
    if (name === undefined) return [];
    const other = cellsOfB.find(({ id }) => cellKey(id) === cellKey({ ...cell.id, target: name }));
    if (other === undefined) return [];
    return [draftOf({ cell, cells: cellsOfA }, { cell: other, cells: cellsOfB }, pairing)];
  });
  const lonely = cellsOfA.filter(({ id }) => renamed.has(id.target)).length - drafts.length;
  if (lonely > 0) notes.push(`${lonely} cells of a have no counterpart in b and are left out`);
  const lonelyOfB = cellsOfB.filter(({ id }) => b.targets.includes(id.target)).length - drafts.length;
  if (lonelyOfB > 0) notes.push(`${lonelyOfB} cells of b have no counterpart in a and are left out`);
  const cells = judgeTogether(drafts, pairingsOf(runToRun));
  return {
    schemaVersion: 2,
    a: sideOf(a),
    b: sideOf(b),
    pairing,
    runToRun,
    cells,
    notes: [...notes, ...(pairing === 'runs' ? movedTogether(cellsOfA, cellsOfB, cells) : [])],
  };
}

interface Draft {
  readonly compared: Omit<ComparedCell, 'measures'>;
  readonly figures: readonly ComparedFigure[];
}

function cellsOf({ manifest, trials }: StoredRun): AnalysedCell[] {
  return analysedCells(manifest, trials);
}

function runToRunOf({ manifest }: StoredRun): RunToRun {
  return manifest.runToRun ?? DEFAULT_RUN_TO_RUN;
}

function draftOf(a: CellInRun, b: CellInRun, pairing: Pairing['of']): Draft {
  const { scenario, level, target } = a.cell.id;
  const bothOk = a.cell.standing.state === 'ok' && b.cell.standing.state === 'ok';
  return {
    compared: { a: target, b: b.cell.id.target, scenario, level, ...verdictOfStates(a.cell, b.cell) },
    figures: bothOk
      ? MEASURES.flatMap((name): ComparedFigure[] => {
          const pair = measureSeries(name, a, b);
          const series = pair === null ? null : changeSeriesOf(pair, pairing);
          if (pair === null || series === null) return [];
          const shared = cellKey({ target: '', scenario, level });
          return [{ name, pair, series, of: target, load: `${level.value} ${level.kind}`, shared }];
        })
      : [],
  };
}

/** What the runs add to the blocks of each quantity. */
function pairingsOf(runToRun: Comparison['runToRun']): (name: MeasureName) => Pairing {
  if (runToRun === null) return () => ({ of: 'blocks' });
  return (name) => {
    const component = componentOf(name);
    return { of: 'runs', variance: runToRun.a[component] ** 2 + runToRun.b[component] ** 2 };
  };
}

/** Which of the stated components a quantity has. */
export function componentOf(name: MeasureName): 'overhead' | 'latency' | 'cpu' | 'memory' {
  if (name === 'cpu' || name === 'memory') return name;
  return name.startsWith('latency.') ? 'latency' : 'overhead';
}

/**
 * A cell that is ok on one side alone says something only when every trial there and here agrees, in two blocks or more of what did not keep up:
 * at the edge of saturation a coin is tossed, and one short window on a busy machine is no edge at all. Where it was a that kept up, that is no
 * "cannot be told", which a gate lets pass: b may well be broken.
 */
function verdictOfStates(a: AnalysedCell, b: AnalysedCell): Pick<ComparedCell, 'verdict' | 'reason'> {
  const [stateA, stateB] = [a.standing.state, b.standing.state];
  if (stateA === 'ok' && stateB === 'ok') return { verdict: 'cannot-be-told', reason: null };
  const reason = `a ${standingText(a)}; b ${standingText(b)}`;
  if ([stateA, stateB].some((state) => state === 'absent' || state === 'invalid'))
    return { verdict: 'not-compared', reason };
  if (stateA !== 'ok' && stateB !== 'ok') return { verdict: 'cannot-be-told', reason };
  if (a.standing.mixture !== null || b.standing.mixture !== null || [a, b].some(saturatedOnce))
    return { verdict: stateA === 'ok' ? 'not-compared' : 'cannot-be-told', reason };
  return { verdict: stateA === 'ok' ? 'worse' : 'better', reason };
}

function saturatedOnce({ standing: { state, trials } }: AnalysedCell): boolean {
  return state === 'saturated' && new Set(trials.map(({ block }) => block)).size < 2;
}

function standingText({ standing }: AnalysedCell): string {
  return standing.reason?.message ?? (standing.mixture === null ? 'ok' : `ok (trials: ${standing.mixture})`);
}

/** Holm's correction over what is of the same quantity: overheads of all cells and quantiles, CPU of all cells, and so on. */
function judgeTogether(drafts: readonly Draft[], pairingOf: (name: MeasureName) => Pairing): ComparedCell[] {
  const lent = lentToChanges(drafts.flatMap(({ figures }) => figures));
  const judged = drafts.map(({ compared, figures }) => ({
    compared,
    changes: figures.map(
      (figure): JudgedFigure => ({
        ...figure,
        ...changeOf(figure.series, pairingOf(figure.name), figure.pair.reference, lent.get(figure)),
      }),
    ),
  }));
  const all = judged.flatMap(({ changes }) => changes);
  const told = new Set<JudgedFigure>();
  for (const family of new Set(all.map(({ name }) => familyOf(name)))) {
    const members = all.filter(({ name }) => familyOf(name) === family);
    for (const [i, isTold] of holm(members.map(({ p }) => p)).entries())
      if (isTold) told.add(members[i] as JudgedFigure);
  }
  return judged.map(({ compared, changes }) => ({
    ...compared,
    measures: changes.map((change) => measureOf(change, told.has(change))),
  }));
}

type JudgedFigure = Omit<ComparedFigure, keyof Change> & Change;

function measureOf({ name, pair, a, b, change, blocks }: JudgedFigure, isTold: boolean): ComparedMeasure {
  const size = Math.abs(change.value);
  const least = LEAST_EFFECT * Math.abs(pair.reference);
  const large = pair.floor !== null && size > pair.floor && size >= least;
  return {
    name,
    by: pair.by,
    unit: pair.unit,
    a: tenths(a),
    b: tenths(b),
    change: { value: tenths(change.value), low: tenths(change.low), high: tenths(change.high) },
    noiseFloor: pair.floor,
    least: tenths(least),
    blocks,
    verdict: verdictOf(isTold && large, change.value),
  };
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
