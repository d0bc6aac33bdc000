import type { CompareSide } from '../../record/compare-sides.js';
import type { ComparedCase, ComparedRow, Comparison } from '../../record/comparison.js';
import type { ConductRun } from '../../record/conduct.js';
import type { ConductRow, MeasuredRow } from '../conduct/row.js';
import { isMeasured } from '../conduct/row.js';
import { entryOf, type RowEntry } from '../conduct/row-book.js';
import type { PlayedResult } from '../conduct/over-run.js';
import { contrastWith, sumOfSpreads } from '../judge/contrast.js';
import { holm } from '../judge/holm.js';
import { ownSpread, type Spread } from '../judge/spread.js';
import { LEAST_EFFECT } from '../overhead.js';
import { meanOf } from '../student.js';

type ConductSide = CompareSide<ConductRun>;

/** No smaller change is one, whatever its share: a timer's step, and what one request in a hundred makes. */
const LEAST_CHANGE: Readonly<Record<RowEntry['unit'], number>> = { us: 1000, share: 0.01, rate: 0, times: 0 };

/** Half the width of a 95 % interval in standard errors. */
const Z = 1.959964;

/**
 * What two gateways, or two runs of one, do differently while their providers fail, case by case and row by row. Within one run the rows of a
 * block are held against each other, between two runs the blocks of each, by the judge of everything else: Student's and Welch's t, Holm's
 * correction over all rows and cases together. What a block's own requests leave open is in the spread even where blocks happen to agree. What runs
 * add to blocks of these rows nobody has measured, and nothing is added.
 */
export function compareConduct(a: ConductSide, b: ConductSide): Comparison {
  const pairing = a.run.id === b.run.id ? 'blocks' : 'runs';
  const drafts = a.targets.flatMap((target, i) => casesOf(a.run, target, b.run, b.targets[i] ?? target, pairing));
  const judged = drafts.flatMap(({ rows }) => rows.filter(({ p }) => p !== null));
  const told = holm(judged.map(({ p }) => p as number));
  const changed = new Set(judged.filter((_, i) => told[i] === true));
  return {
    schemaVersion: 2,
    a: sideOf(a),
    b: sideOf(b),
    pairing,
    runToRun: null,
    cells: [],
    conduct: drafts.map(({ rows, ...names }) => ({
      ...names,
      rows: rows.map((row) => ({ ...row.compared, least: leastOf(row), verdict: verdictOf(row, changed.has(row)) })),
    })),
    notes: notesOf(a.run, b.run),
  };
}

interface DraftRow {
  readonly compared: Omit<ComparedRow, 'least' | 'verdict'>;
  /** How likely as much is when nothing differs; null where nothing can be judged. */
  readonly p: number | null;
  /** What an interval that ends beyond what could be seen says without a figure. */
  readonly censored: 'a' | 'b' | null;
}
type DraftCase = Omit<ComparedCase, 'rows'> & { readonly rows: readonly DraftRow[] };

function casesOf(
  a: ConductRun,
  nameInA: string,
  b: ConductRun,
  nameInB: string,
  pairing: Comparison['pairing'],
): DraftCase[] {
  const [ofA, ofB] = [resultsOf(a, nameInA), resultsOf(b, nameInB)];
  return [...new Set(ofA.map(({ case: name }) => name))].flatMap((name): DraftCase[] => {
    const [left, right] = [ofA, ofB].map((all) => all.filter((each) => each.case === name)) as [
      PlayedResult[],
      PlayedResult[],
    ];
    const rows = Object.keys(left[0]?.rows ?? {}).filter((row) => right[0]?.rows[row] !== undefined);
    if (rows.length === 0) return [];
    return [{ a: nameInA, b: nameInB, case: name, rows: rows.map((row) => draftOf(row, left, right, pairing)) }];
  });
}

function resultsOf({ played }: ConductRun, name: string): PlayedResult[] {
  return played.flatMap((each) => ('files' in each && each.target === name ? [each] : []));
}

function draftOf(
  name: string,
  left: readonly PlayedResult[],
  right: readonly PlayedResult[],
  pairing: Comparison['pairing'],
): DraftRow {
  const { unit = 'times', better = null } = entryOf(name) ?? {};
  const common = left.filter(({ block }) => right.some((other) => other.block === block)).map(({ block }) => block);
  const inBlocks = (side: readonly PlayedResult[]): ConductRow[] =>
    side
      .filter(({ block }) => pairing === 'runs' || common.includes(block))
      .toSorted((one, other) => one.block - other.block)
      .map(({ rows }) => rows[name] as ConductRow);
  const [rowsOfA, rowsOfB] = [inBlocks(left), inBlocks(right)];
  const [a, b] = [measuredIn(rowsOfA), measuredIn(rowsOfB)];
  const head = { name, unit, better, a: meanIn(a), b: meanIn(b), blocks: Math.min(rowsOfA.length, rowsOfB.length) };
  if (a === null || b === null) {
    const reason = `a: ${a === null ? stateIn(rowsOfA) : 'measured'}; b: ${b === null ? stateIn(rowsOfB) : 'measured'}`;
    return { compared: { ...head, change: null, reason }, p: null, censored: censoredSide(rowsOfA, rowsOfB) };
  }
  if (a.length < 2 || b.length < 2) {
    const reason = 'one block tells nothing of what differs from start to start';
    return { compared: { ...head, change: null, reason }, p: null, censored: null };
  }
  const value = meanOf(b.map((row) => row.value)) - meanOf(a.map((row) => row.value));
  const { variance, degrees } =
    pairing === 'blocks' ? pairedSpread(a, b) : sumOfSpreads([meanSpread(a), meanSpread(b)]);
  const { low, high, p } = contrastWith(value, Math.sqrt(variance), degrees);
  return { compared: { ...head, change: { value, low, high }, reason: null }, p, censored: null };
}

/** Null where a block has no quantity: then a mean of the others would be one of other things. */
function measuredIn(rows: readonly ConductRow[]): readonly MeasuredRow[] | null {
  return rows.length > 0 && rows.every(isMeasured) ? rows : null;
}

function meanIn(rows: readonly MeasuredRow[] | null): number | null {
  return rows === null ? null : meanOf(rows.map(({ value }) => value));
}

function stateIn(rows: readonly ConductRow[]): string {
  const row = rows.find((each) => !isMeasured(each));
  return row === undefined || isMeasured(row) ? 'not played' : row.reason;
}

/** The side that was longer than could be seen in every block, where the other one was measured, and shorter, in every block. */
function censoredSide(a: readonly ConductRow[], b: readonly ConductRow[]): DraftRow['censored'] {
  if (isLonger(a, b)) return 'a';
  return isLonger(b, a) ? 'b' : null;
}

function isLonger(one: readonly ConductRow[], other: readonly ConductRow[]): boolean {
  if (one.length < 2 || other.length < 2) return false;
  const seen = one.map((row) => ('state' in row && row.state === 'beyond-phase' ? (row.value ?? 0) : 0));
  const least = seen.reduce((low, us) => Math.min(low, us), Number.POSITIVE_INFINITY);
  return other.every((row) => isMeasured(row) && row.value < least);
}

/** Of the mean of what differs within blocks. */
function pairedSpread(a: readonly MeasuredRow[], b: readonly MeasuredRow[]): Spread {
  const { variance, degrees } = ownSpread(b.map(({ value }, i) => value - (a[i] as MeasuredRow).value));
  return { variance: Math.max(variance, withinOf(a) + withinOf(b)) / a.length, degrees };
}

/** Of a mean over blocks. */
function meanSpread(rows: readonly MeasuredRow[]): Spread {
  const { variance, degrees } = ownSpread(rows.map(({ value }) => value));
  return { variance: Math.max(variance, withinOf(rows)) / rows.length, degrees };
}

/** The variance that the requests of a block leave open by themselves. */
function withinOf(rows: readonly MeasuredRow[]): number {
  return meanOf(rows.map(({ low, high }) => ((high - low) / (2 * Z)) ** 2));
}

function leastOf({ compared: { unit, a } }: DraftRow): number {
  return Math.max(LEAST_CHANGE[unit], LEAST_EFFECT * Math.abs(a ?? 0));
}

function verdictOf(row: DraftRow, isTold: boolean): ComparedRow['verdict'] {
  const { compared, p, censored } = row;
  // What is beyond what can be seen is a time, and the longer one.
  if (censored !== null && compared.better === 'less') return censored === 'a' ? 'better' : 'worse';
  if (p === null) return 'not-compared';
  const value = compared.change?.value ?? 0;
  if (!isTold || Math.abs(value) < leastOf(row)) return 'cannot-be-told';
  if (compared.better === null) return 'differs';
  return value < 0 === (compared.better === 'less') ? 'better' : 'worse';
}

/** What limits the comparison. */
function notesOf(a: ConductRun, b: ConductRun): string[] {
  const notes: string[] = [];
  if (JSON.stringify(a.pace) !== JSON.stringify(b.pace))
    notes.push('the phases or the load of the two runs differ: times that last as long as a phase cannot be compared');
  if (a.runtime !== b.runtime) notes.push(`a ran on ${a.runtime}, b on ${b.runtime}`);
  return notes;
}

function sideOf({ run, targets }: ConductSide): Comparison['a'] {
  return {
    run: run.id,
    startedAt: run.startedAt,
    targets: run.targets
      .filter(({ name }) => targets.includes(name))
      .map(({ name, version }) => ({ name, version, digest: null })),
  };
}
