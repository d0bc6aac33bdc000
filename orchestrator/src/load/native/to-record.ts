import type { LoadFigures, LoadRecord } from '../../record/trial.js';
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
  readonly connections: number;
  readonly errorExamples: Readonly<Record<string, number>>;
  readonly driverCpuUs: number | null;
}

/** Turns the rows of a trial into its record: the rows intended in the window, each counted once, and once more in its part. */
export function toLoadRecord(lanes: readonly LaneRows[], facts: RecordFacts): LoadRecord {
  const { parts, partOf } = facts;
  const whole = {
    name: '',
    streaming: parts.some(({ streaming }) => streaming),
    gaps: mergeGaps(parts.map(({ gaps }) => gaps)),
  };
  const record = figuresOf(lanes, facts, whole, () => true);
  if (parts.length === 1) return record;
  // What the driver as a whole saw is not to be divided.
  const apart = { ...facts, errorExamples: {}, driverCpuUs: null };
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
  const startUs = facts.warmupMs * 1000;
  const window = { startUs, endUs: startUs + facts.measureMs * 1000, seconds: Math.ceil(facts.measureMs / 1000) };
  const totals = new RowTotals(window);
  for (const { columns, rows } of lanes) {
    for (let row = 0; row < rows; row++) {
      if ((columns.intendedUs[row] as number) < startUs || !isCounted(columns.kind[row] as number)) continue;
      totals.add(columns, row);
    }
  }
  const figures = totals.figures();
  return {
    driver: { name: 'native', version: facts.version },
    windowMs: facts.measureMs,
    ...figures,
    errorExamples: { ...facts.errorExamples },
    achievedRps: achievedRps(lanes, window, isCounted),
    connections: facts.connections,
    ttftUs: streaming ? figures.ttftUs : null,
    gapUs: gaps === null ? null : gapDistribution(gaps),
    latenessUs: facts.open ? figures.latenessUs : null,
    driverCpuUs: facts.driverCpuUs,
  };
}

/**
 * Answers a second while the window lasted, whatever their status. Counted between the moments at which the window's first answers
 * were to be expected and the same time after its end, so that what is under way at either end cancels out: a target that keeps up
 * achieves the level whatever its latency, and a backlog answered after the end of the load counts for nothing.
 */
function achievedRps(lanes: readonly LaneRows[], window: Window, isCounted: (kind: number) => boolean): number {
  const early: number[] = [];
  const tenthUs = window.startUs + (window.endUs - window.startUs) / 10;
  forAnswers(lanes, isCounted, (intended, elapsed) => {
    if (intended >= window.startUs && intended <= tenthUs) early.push(elapsed);
  });
  const shift = early.sort((a, b) => a - b)[Math.floor(early.length / 2)] ?? 0;
  let answered = 0;
  forAnswers(lanes, isCounted, (intended, elapsed) => {
    const at = intended + elapsed - shift;
    if (at >= window.startUs && at < window.endUs) answered += 1;
  });
  return answered / ((window.endUs - window.startUs) / 1e6);
}

function forAnswers(
  lanes: readonly LaneRows[],
  isCounted: (kind: number) => boolean,
  visit: (intendedUs: number, elapsedUs: number) => void,
): void {
  for (const { columns, rows } of lanes) {
    for (let row = 0; row < rows; row++) {
      const elapsed = columns.lastByteUs[row] as number;
      if (elapsed !== ABSENT && isCounted(columns.kind[row] as number))
        visit(columns.intendedUs[row] as number, elapsed);
    }
  }
}
