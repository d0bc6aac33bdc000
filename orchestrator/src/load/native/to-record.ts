import type { LoadFigures, LoadRecord } from '../../record/trial.js';
import type { Stall } from '../../clock/heartbeat.js';
import { achievedRps, type AnsweredRequests, completedRps } from '../achieved.js';
import { pausesOf, type WaitingRequests } from '../pauses.js';
import { standstillOf } from '../standstill.js';
import { ABSENT, type Columns } from './columns.js';
import { gapDistribution, mergeGaps } from './gap-counts.js';
import type { GapCounts } from './lane-task.js';
import { RowTotals } from './row-totals.js';
import type { Window } from './window-samples.js';

/** The rows of one lane, and what its threads saw beside them. */
export interface LaneRows {
  readonly columns: Columns;
  readonly rows: number;
}

/** Requests that are counted together. */
export interface RecordPart {
  readonly name: string;
  readonly streaming: boolean;
  /** Null for plain answers. */
  readonly gaps: GapCounts | null;
}

/** What a record is made of besides the rows. */
export interface RecordFacts {
  readonly version: string;
  readonly warmupMs: number;
  readonly measureMs: number;
  /** At least one. */
  readonly parts: readonly RecordPart[];
  /** Index of the part of each kind of request. */
  readonly partOf: readonly number[];
  /** Open loop: lateness means something. */
  readonly open: boolean;
  /** A replayed trace: requests came at their own times. */
  readonly uneven: boolean;
  readonly connections: number;
  readonly errorExamples: Readonly<Record<string, number>>;
  readonly driverCpuUs: number | null;
  /** When the driver's loops did not run, microseconds from the trial's start, and how long its threads waited for a CPU. */
  readonly stalls: readonly Stall[];
  readonly runQueueWaitUs: number | null;
}

/** Turns the rows of a trial into its record: the rows intended in the window, each counted once, and once more in its part. */
export function toLoadRecord(lanes: readonly LaneRows[], facts: RecordFacts): LoadRecord {
  const { parts, partOf } = facts;
  const whole = {
    name: '',
    streaming: parts.some(({ streaming }) => streaming),
    gaps: mergeGaps(parts.map(({ gaps }) => gaps)),
  };
  const { startUs, endUs } = windowOf(facts);
  const standstill = standstillOf(facts.stalls, { startUs, endUs }, ['heartbeat'], facts.runQueueWaitUs);
  const stalls = standstill.stalls.map(({ fromUs, lengthUs }) => ({ fromUs: fromUs + startUs, lengthUs }));
  const record = { ...figuresOf(lanes, { ...facts, stalls }, whole, () => true), standstill };
  if (parts.length === 1) return record;
  // What the driver as a whole saw is not to be divided.
  const apart = { ...facts, stalls, errorExamples: {}, driverCpuUs: null };
  return {
    ...record,
    parts: parts.map((part, index) => ({
      name: part.name,
      load: figuresOf(lanes, apart, part, (kind) => partOf[kind] === index),
    })),
  };
}

function figuresOf(
  lanes: readonly LaneRows[],
  facts: RecordFacts,
  { streaming, gaps }: RecordPart,
  isCounted: (kind: number) => boolean,
): LoadFigures {
  const window = windowOf(facts);
  const { startUs } = window;
  const totals = new RowTotals(window);
  for (const { columns, rows } of lanes) {
    for (let row = 0; row < rows; row++) {
      if ((columns.intendedUs[row] as number) < startUs || !isCounted(columns.kind[row] as number)) continue;
      totals.add(columns, row);
    }
  }
  const figures = totals.figures();
  const answers = answersOf(lanes, isCounted);
  return {
    driver: { name: 'native', version: facts.version },
    windowMs: facts.measureMs,
    ...figures,
    errorExamples: { ...facts.errorExamples },
    achievedRps: facts.open
      ? achievedRps(answers, { ...window, scheduled: figures.scheduled, uneven: facts.uneven })
      : completedRps(answers, window),
    connections: facts.connections,
    ttftUs: streaming ? figures.ttftUs : null,
    gapUs: gaps === null ? null : gapDistribution(gaps),
    latenessUs: facts.open ? figures.latenessUs : null,
    pauses: pausesOf(waitingRequests(lanes, isCounted), window, facts.stalls),
    driverCpuUs: facts.driverCpuUs,
  };
}

function windowOf({ warmupMs, measureMs }: RecordFacts): Window {
  const startUs = warmupMs * 1000;
  return { startUs, endUs: startUs + measureMs * 1000, seconds: Math.ceil(measureMs / 1000) };
}

/** All requests, warm-up included, with the moment at which the target first said something to each. */
function waitingRequests(lanes: readonly LaneRows[], isCounted: (kind: number) => boolean): WaitingRequests {
  const dueUs: number[] = [];
  const untilUs: number[] = [];
  const answered: boolean[] = [];
  for (const { columns, rows } of lanes) {
    for (let row = 0; row < rows; row++) {
      if (!isCounted(columns.kind[row] as number)) continue;
      const due = columns.intendedUs[row] as number;
      const first = columns.firstByteUs[row] as number;
      dueUs.push(due);
      answered.push(first !== ABSENT);
      untilUs.push(due + (first === ABSENT ? (columns.endUs[row] as number) : first));
    }
  }
  return { dueUs, untilUs, answered: (index) => answered[index] as boolean };
}

/** Answers of any status, warm-up included. */
function answersOf(lanes: readonly LaneRows[], isCounted: (kind: number) => boolean): AnsweredRequests {
  const dueUs: number[] = [];
  const endUs: number[] = [];
  for (const { columns, rows } of lanes) {
    for (let row = 0; row < rows; row++) {
      const elapsed = columns.lastByteUs[row] as number;
      if (elapsed === ABSENT || !isCounted(columns.kind[row] as number)) continue;
      const due = columns.intendedUs[row] as number;
      dueUs.push(due);
      endUs.push(due + elapsed);
    }
  }
  return { dueUs, endUs };
}
