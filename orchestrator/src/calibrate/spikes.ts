import { mergeBlock } from '../analyse/estimate.js';
import { countOf, quantileOf } from '../analyse/quantile.js';
import { cellKey } from '../record/cell.js';
import { bucketBounds, type SparseHistogram } from '../record/histogram.js';
import type { StoredRun } from '../record/run-directory.js';
import type { TrialRecord } from '../record/trial.js';
import { groupBy } from '../analyse/grouping.js';
import type { SpikeRow } from './certificate.js';
import { isRecovered } from './delays.js';
import type { PlantedRecord } from './planted-record.js';
import type { Relay } from './relays.js';
import { plantedInWindow } from './truth.js';

/**
 * Whether rare, long delays are seen as often and as long as they were planted: every request that took at least half of the spike
 * longer than the median is one.
 */
export function judgeSpikes(run: StoredRun, record: PlantedRecord, relays: readonly Relay[]): SpikeRow[] {
  const spiky = relays.flatMap((relay) =>
    relay.truth.kind === 'spikes' ? [{ name: relay.name, us: relay.truth.us }] : [],
  );
  return spiky.flatMap(({ name, us }) => {
    const trials = run.trials.filter(({ target, state }) => target === name && state === 'valid');
    return [...groupBy(trials, cellKey).values()].flatMap((group) => judgeCell(group, record, us) ?? []);
  });
}

function judgeCell(trials: readonly TrialRecord[], record: PlantedRecord, spikeUs: number): SpikeRow | null {
  const [first] = trials;
  const meant = trials.flatMap((trial) => plantedInWindow(trial, record)?.meantUs ?? []);
  const merged = mergeBlock(trials.flatMap(({ load }) => load?.latencyUs ?? []));
  if (first === undefined || meant.length === 0 || merged === null || merged.length === 0) return null;
  const usualUs = quantileOf(merged, 0.5);
  const spikes = meant.filter((us) => us >= spikeUs / 2).length;
  const seen = above(merged, usualUs + spikeUs / 2);
  const all = countOf(merged);
  const seenShare = wilson(countOf(seen), all);
  const plantedShare = spikes / meant.length;
  const seenUs = seen.length === 0 ? null : quantileOf(seen, 0.5) - usualUs;
  const longAsPlanted = seenUs === null ? spikes === 0 : isRecovered(seenUs, spikeUs);
  return {
    relay: first.target,
    scenario: first.scenario,
    level: first.level,
    plantedShare,
    seenShare,
    plantedUs: spikes === 0 ? 0 : spikeUs,
    seenUs: seenUs === null ? null : Math.round(seenUs),
    recovered: longAsPlanted && seenShare.low <= plantedShare && plantedShare <= seenShare.high,
  };
}

function above(histogram: SparseHistogram, fromUs: number): number[] {
  const kept: number[] = [];
  for (let i = 0; i + 1 < histogram.length; i += 2)
    if (bucketBounds(histogram[i] as number).lowUs >= fromUs)
      kept.push(histogram[i] as number, histogram[i + 1] as number);
  return kept;
}

/** A share with Wilson's 95 % interval (Wilson 1927), which keeps its promise for rare events. */
export function wilson(hits: number, trials: number): SpikeRow['seenShare'] {
  const z = 1.96;
  const share = hits / trials;
  const centre = (share + z ** 2 / (2 * trials)) / (1 + z ** 2 / trials);
  const reach = (z / (1 + z ** 2 / trials)) * Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2));
  return { value: share, low: Math.max(0, centre - reach), high: Math.min(1, centre + reach) };
}
