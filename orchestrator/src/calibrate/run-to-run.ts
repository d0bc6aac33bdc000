import { figuresByBlock } from '../analyse/block-figures.js';
import { analysedCells } from '../analyse/analyse.js';
import type { AnalysedCell } from '../analyse/standing.js';
import { directBlocks, LATENCY, type PickDistribution, samplesByBlock } from '../analyse/samples.js';
import { meanOf, standardDeviation } from '../analyse/student.js';
import { totalsOf } from '../analyse/totals.js';
import { cellKey } from '../record/cell.js';
import type { StoredRun } from '../record/run-directory.js';
import { DEFAULT_RUN_TO_RUN, type RunToRun } from '../record/run-to-run.js';

/** Fewer cells say little of what runs add, for they share the mood of both. */
const LEAST_CELLS = 6;

/**
 * What a run adds to its blocks on this machine, from two runs of one plan over targets that did not change: of each quantity the mean square
 * of its logarithm's change over the cells, less what the blocks let expect of it, halved (a component of variance; Searle, Casella and McCulloch
 * 1992, chapter 3).
 *
 * The cells of two runs share two moods, so that however many they are this is one draw with one degree of freedom: it may show that a machine
 * is worse than the stated default, and never that it is better. So the larger of the two is taken.
 * @returns null where too few cells are in both
 */
export function learnRunToRun(first: StoredRun, second: StoredRun, madeAt: string): RunToRun | null {
  const [one, other] = [first, second].map(({ manifest, trials }) => analysedCells(manifest, trials)) as [
    AnalysedCell[],
    AnalysedCell[],
  ];
  const learnt = (logsOf: LogsOf): number | null => componentOf(one, other, logsOf);
  const overhead = learnt(shiftLogs);
  if (overhead === null) return null;
  const stated = DEFAULT_RUN_TO_RUN;
  const larger = (found: number | null, least: number): number => Math.round(1000 * Math.max(found ?? 0, least)) / 1000;
  return {
    source: 'calibrate',
    madeAt,
    overhead: larger(overhead, stated.overhead),
    latency: larger(learnt(latencyLogs), stated.latency),
    cpu: larger(learnt(resourceLogs(cpuOf)), stated.cpu),
    memory: larger(learnt(resourceLogs(memoryOf)), stated.memory),
  };
}

/** A quantity of a cell in each block, as logarithms; null where it has none, or a logarithm cannot be taken. */
type LogsOf = (cell: AnalysedCell, cells: readonly AnalysedCell[]) => number[] | null;

function componentOf(one: readonly AnalysedCell[], other: readonly AnalysedCell[], logsOf: LogsOf): number | null {
  const excesses = one.flatMap((cell) => {
    const same = other.find(({ id }) => cellKey(id) === cellKey(cell.id));
    const [before, after] = [logsOf(cell, one), same === undefined ? null : logsOf(same, other)];
    if (before === null || after === null || before.length < 2 || after.length < 2) return [];
    const expected = standardDeviation(before) ** 2 / before.length + standardDeviation(after) ** 2 / after.length;
    return [(meanOf(after) - meanOf(before)) ** 2 - expected];
  });
  return excesses.length < LEAST_CELLS ? null : Math.sqrt(Math.max(0, meanOf(excesses)) / 2);
}

const latencyLogs: LogsOf = ({ standing }) =>
  standing.state === 'ok' ? logsOfAll([...figures(standing.trials, LATENCY).values()]) : null;

const shiftLogs: LogsOf = ({ id, target, standing }, cells) => {
  if (standing.state !== 'ok' || target.kind === 'direct') return null;
  const direct = figuresByBlock(directBlocks(cells, id, LATENCY), 'p50');
  const shifts = [...figures(standing.trials, LATENCY)].flatMap(([block, value]) => {
    const reference = direct.get(block);
    return reference === undefined ? [] : [value - reference];
  });
  return logsOfAll(shifts);
};

function resourceLogs(figureOf: (trial: Trial) => number | null): LogsOf {
  return ({ target, standing }) =>
    standing.state === 'ok' && target.kind !== 'direct'
      ? logsOfAll(standing.trials.flatMap((trial) => figureOf(trial) ?? []))
      : null;
}

type Trial = AnalysedCell['trials'][number];

function cpuOf(trial: Trial): number | null {
  return totalsOf([trial]).cpuUsPerRequest;
}

function memoryOf({ resources }: Trial): number | null {
  return resources?.memoryPeakBytes ?? null;
}

function figures(trials: readonly Trial[], pick: PickDistribution): Map<number, number> {
  return figuresByBlock(samplesByBlock(trials, pick), 'p50');
}

function logsOfAll(values: readonly number[]): number[] | null {
  return values.length > 0 && values.every((value) => value > 0) ? values.map(Math.log) : null;
}
