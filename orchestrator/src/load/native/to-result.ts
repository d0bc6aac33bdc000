import { LOAD_DEFAULTS } from '../../record/load-defaults.js';
import { Buffer } from 'node:buffer';
import { clockDomain } from '../../clock/clock-domain.js';
import { VERSION } from '../../version.js';
import { comesUnevenly, type LoadResult, type TrialLoad } from '../driver.js';
import { writeColumnFile } from './column-file.js';
import { columnsOver } from './columns.js';
import { mergeGaps } from './gap-counts.js';
import { kindsOf, partsOf } from './request-kinds.js';
import { type LaneBuffers, openLaneMemory } from './lane-memory.js';
import type { PacerReport, ReaderReport } from './lane-task.js';
import type { SessionCounts } from './session-turns.js';
import type { LanePlan, NativeOptions } from './plan-lanes.js';
import { requestId } from './request-template.js';
import { type LaneRows, type RecordFacts, toLoadRecord } from './to-record.js';

/** What the threads of a lane report at their end. */
export interface LaneReport {
  readonly reader: ReaderReport;
  readonly pacer: PacerReport | null;
}

/** Puts the lanes of a trial together: the record, the driver's own report, and the file of requests. */
export async function toResult(
  options: NativeOptions,
  load: TrialLoad,
  plan: readonly LanePlan[],
  reports: readonly LaneReport[],
  startedAtUs: number,
): Promise<Omit<LoadResult, 'span'>> {
  const prefix = plan[0]?.prefix ?? '';
  const readers = reports.map(({ reader }) => reader);
  const lanes = readers.map((reader, lane) => laneRows(reader, (plan[lane] as LanePlan).task.buffers));
  const kinds = kindsOf(load);
  const record = toLoadRecord(lanes, factsOf(load, kinds, reports, startedAtUs));
  const raw = {
    driver: 'native',
    startedAtUs,
    pacing: options.pacing ?? LOAD_DEFAULTS.pacing,
    arrivals: options.arrivals ?? LOAD_DEFAULTS.arrivals,
    lanes: plan.length,
    raisedPriority: readers.every(({ raisedPriority }) => raisedPriority),
    connectionsOpened: sum(readers.map(({ connectionsOpened }) => connectionsOpened)),
    framing: framing(lanes, load.warmupMs * 1000),
    breaches: withIds(
      plan,
      readers.map(({ breaches }) => breaches),
    ),
    series: withIds(
      plan,
      readers.map(({ series }) => series),
    ),
    ...sessionsOf(readers),
    record,
  };
  const columns = await writeColumnFile(
    lanes.map((lane, index) => ({ ...lane, ...countersOf(plan[index] as LanePlan) })),
    {
      startedAtUs,
      clockDomain: clockDomain(),
      warmupUs: load.warmupMs * 1000,
      measureUs: load.measureMs * 1000,
      uneven: comesUnevenly(load),
      idPrefix: prefix,
      kinds: kinds.map(({ name, part }) => ({ name, part })),
    },
  );
  return { record, raw: Buffer.from(JSON.stringify(raw)), columns };
}

function factsOf(
  load: TrialLoad,
  kinds: ReturnType<typeof kindsOf>,
  reports: readonly LaneReport[],
  startedAtUs: number,
): RecordFacts {
  const { parts, partOf } = partsOf(kinds);
  const readers = reports.map(({ reader }) => reader);
  const threads = reports.flatMap(({ reader, pacer }) => [reader, ...(pacer === null ? [] : [pacer])]);
  return {
    version: VERSION,
    warmupMs: load.warmupMs,
    measureMs: load.measureMs,
    parts: parts.map((part, index) => ({ ...part, gaps: mergeGaps(readers.map(({ gaps }) => gaps[index] ?? null)) })),
    partOf,
    open: load.level.kind === 'rps',
    uneven: comesUnevenly(load),
    connections: sum(readers.map(({ connectionsPeak }) => connectionsPeak)) ?? 0,
    errorExamples: mergeExamples(readers.map(({ errorExamples }) => errorExamples)),
    driverCpuUs: sum(threads.map(({ cpuUs }) => cpuUs)),
    stalls: readers.flatMap(({ stalls }) =>
      stalls.map(({ fromUs, lengthUs }) => ({ fromUs: fromUs - startedAtUs, lengthUs })),
    ),
    runQueueWaitUs: sum(threads.map(({ runQueueWaitUs }) => runQueueWaitUs)),
  };
}

function countersOf({ task: { counterStart, counterStep } }: LanePlan) {
  return { counterStart, counterStep };
}

/** What became of the sessions of all lanes; nothing of a load without. */
function sessionsOf(readers: readonly ReaderReport[]): { readonly sessions?: SessionCounts } {
  const all = readers.flatMap(({ sessions }) => sessions ?? []);
  if (all.length === 0) return {};
  const of = (count: keyof SessionCounts): number => all.reduce((total, one) => total + one[count], 0);
  return { sessions: { begun: of('begun'), finished: of('finished'), cutShort: of('cutShort') } };
}

/** What each lane says of some of its rows, with their ids: rows are numbered within a lane, and a lane takes every n-th request. */
function withIds<T extends { readonly row: number }>(plan: readonly LanePlan[], lanes: readonly (readonly T[])[]) {
  return lanes.flatMap((said, lane) =>
    said.map(({ row, ...rest }) => {
      const { prefix, task } = plan[lane] as LanePlan;
      return { id: requestId(prefix, task.counterStart + row * task.counterStep), ...rest };
    }),
  );
}

/** How the frames of the window travelled: fewer chunks or reads than frames were merged on the way, more were split. */
function framing(lanes: readonly LaneRows[], warmupUs: number) {
  const total = { frames: 0, chunks: 0, reads: 0 };
  for (const { columns, rows } of lanes) {
    for (let row = 0; row < rows; row++) {
      if ((columns.intendedUs[row] as number) < warmupUs) continue;
      total.frames += columns.frames[row] as number;
      total.chunks += columns.chunks[row] as number;
      total.reads += columns.reads[row] as number;
    }
  }
  return total;
}

function laneRows(reader: ReaderReport, buffers: LaneBuffers): LaneRows {
  const { ownColumns, rows } = reader;
  if (ownColumns === null) return { columns: openLaneMemory(buffers).columns, rows };
  return { columns: columnsOver(ownColumns.buffer, ownColumns.capacity), rows };
}

/** A sum of figures of which one may be unknown; then the sum is. */
function sum(figures: readonly (number | null)[]): number | null {
  return figures.reduce((total, figure) => (total === null || figure === null ? null : total + figure), 0);
}

function mergeExamples(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const merged: Record<string, number> = {};
  for (const examples of all) {
    for (const [message, count] of Object.entries(examples)) merged[message] = (merged[message] ?? 0) + count;
  }
  return Object.fromEntries(Object.entries(merged).slice(0, 10));
}
