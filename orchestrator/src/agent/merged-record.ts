import { sumIfKnown } from '../sum-if-known.js';
import type { LoadFigures, LoadRecord } from '../record/trial.js';
import { mergeGaps } from '../load/native/gap-counts.js';
import { recount } from '../load/native/recount.js';
import { mergeStalls } from '../load/standstill.js';

/** Messages of errors that are kept, as of one driver. */
const MOST_EXAMPLES = 10;

/**
 * The record of a trial that several agents made: counted from the merged file of requests, as one driver would have counted it. What that file does not
 * hold is added up (gaps, CPU time, connections, messages) or put side by side (times in which an agent stood still); no quantile is made of
 * quantiles.
 * @param requests the merged file
 * @param records of the agents, at least one
 * @throws BenchError `columns-unreadable`
 */
export function mergedRecord(requests: Uint8Array, records: readonly LoadRecord[]): LoadRecord {
  const [first] = records as [LoadRecord, ...LoadRecord[]];
  const standstills = records.map(({ standstill }) => standstill);
  return recount(requests, {
    ...first,
    gapUs: gapsOf(records),
    ...(first.parts === undefined
      ? {}
      : {
          parts: first.parts.map(({ name, load }, nth) => ({
            name,
            load: { ...load, gapUs: gapsOf(records.flatMap(({ parts }) => parts?.[nth]?.load ?? [])) },
          })),
        }),
    connections: records.reduce((sum, { connections }) => sum + connections, 0),
    errorExamples: examplesOf(records),
    driverCpuUs: sumIfKnown(records.map(({ driverCpuUs }) => driverCpuUs)),
    standstill: {
      stalls: mergeStalls(standstills.flatMap((each) => each?.stalls ?? [])),
      totalUs: 0,
      witnesses: ['heartbeat'],
      runQueueWaitUs: sumIfKnown(standstills.map((each) => each?.runQueueWaitUs ?? null)),
    },
  });
}

function gapsOf(records: readonly Pick<LoadFigures, 'gapUs'>[]): LoadFigures['gapUs'] {
  const merged = mergeGaps(
    records.map(({ gapUs }) => (gapUs === null ? null : { seconds: gapUs.seconds ?? [], maxUs: gapUs.quantiles.max })),
  );
  if (merged === null) return null;
  // The quantiles are made of the histograms when it is counted anew.
  const none = { p50: null, p90: null, p99: null, p999: null };
  return { count: 0, quantiles: { ...none, max: merged.maxUs }, seconds: merged.seconds.map((each) => [...each]) };
}

function examplesOf(records: readonly LoadRecord[]): Record<string, number> {
  const merged: Record<string, number> = {};
  for (const { errorExamples } of records)
    for (const [message, count] of Object.entries(errorExamples)) merged[message] = (merged[message] ?? 0) + count;
  return Object.fromEntries(
    Object.entries(merged)
      .sort(([, a], [, b]) => b - a)
      .slice(0, MOST_EXAMPLES),
  );
}
