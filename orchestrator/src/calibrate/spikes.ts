import { groupBy } from '../grouping.js';
import { mergeBlock } from '../analyse/merged.js';
import { countOf, quantileOf } from '../analyse/quantile.js';
import { cellKey } from '../record/cell.js';
import { bucketBounds, type SparseHistogram } from '../record/histogram.js';
import type { StoredRun } from '../record/run-directory.js';
import type { SpikeRow } from '../certificate/certificate.js';
import { isRecovered } from './delays.js';
import { type KnownTrial, knownTrials } from './known-trials.js';
import type { PlantedRecord } from './planted-record.js';
import type { Relay } from './relays.js';

/** Off by no more than the larger of the two, the number of spikes counts as recovered. */
const TOLERANCE = { spikes: 1, share: 0.05 } as const;

/**
 * Whether rare, long delays are seen as often and as long as they were planted: every request that took at least half of the spike
 * longer than the median is one. The relay says exactly how many of the same requests it delayed, so nothing is a draw and the counts
 * themselves are compared; one more or less is a request beside the threshold.
 */
export function judgeSpikes(run: StoredRun, record: PlantedRecord, relays: readonly Relay[]): SpikeRow[] {
  const known = knownTrials(run.trials, record);
  return relays.flatMap(({ name, truth }) => {
    if (truth.kind !== 'spikes') return [];
    const own = known.filter(({ trial }) => trial.target === name);
    const cells = groupBy(own, ({ trial }) => cellKey(trial));
    return [...cells.values()].flatMap((cell) => judgeCell(cell, truth.us) ?? []);
  });
}

function judgeCell(known: readonly KnownTrial[], spikeUs: number): SpikeRow | null {
  const [first] = known;
  const merged = mergeBlock(known.flatMap(({ trial }) => trial.load?.latencyUs ?? []));
  if (first === undefined || merged === null || merged.length === 0) return null;
  const meant = known.flatMap(({ planted }) => planted.meantUs);
  const usualUs = quantileOf(merged, 0.5);
  const planted = meant.filter((us) => us >= spikeUs / 2).length;
  const above = bucketsAbove(merged, usualUs + spikeUs / 2);
  const seen = countOf(above);
  const seenUs = seen === 0 ? null : quantileOf(above, 0.5) - usualUs;
  const asOften = Math.abs(seen - planted) <= Math.max(TOLERANCE.spikes, TOLERANCE.share * planted);
  const asLong = planted === 0 || (seenUs !== null && isRecovered(seenUs, spikeUs));
  return {
    relay: first.trial.target,
    scenario: first.trial.scenario,
    level: first.trial.level,
    requests: meant.length,
    planted,
    seen,
    plantedUs: planted === 0 ? 0 : spikeUs,
    seenUs: seenUs === null ? null : Math.round(seenUs),
    recovered: asOften && asLong,
  };
}

function bucketsAbove(histogram: SparseHistogram, fromUs: number): number[] {
  const kept: number[] = [];
  for (let i = 0; i + 1 < histogram.length; i += 2)
    if (bucketBounds(histogram[i] as number).lowUs >= fromUs)
      kept.push(histogram[i] as number, histogram[i + 1] as number);
  return kept;
}
