import { mergeBlock } from '../analyse/merged.js';
import { PROBABILITY, rankOf } from '../analyse/quantile.js';
import { LATENCY, PER_REQUEST, type PickDistribution } from '../analyse/samples.js';
import { meanOf, medianOf } from '../analyse/student.js';
import { cellKey, formatLevel } from '../record/cell.js';
import type { SparseHistogram } from '../record/histogram.js';
import type { StoredRun } from '../record/run-directory.js';
import type { CellSummary } from '../record/summary.js';
import { type DelayRow, TOLERANCE } from '../certificate/certificate.js';
import { headlineOf } from './headline.js';
import { type KnownTrial, knownTrials } from './known-trials.js';
import type { PlantedRecord } from './planted-record.js';
import { analyseAgainst, type ReferencePair } from './reference.js';
import type { Relay } from './relays.js';
import { quantileShift } from './truth.js';

const QUANTILES = ['p50', 'p90', 'p99'] as const;
type Quantile = (typeof QUANTILES)[number];

/** Whether a figure came close enough to the truth. */
export function isRecovered(measuredUs: number, plantedUs: number): boolean {
  return Math.abs(measuredUs - plantedUs) <= Math.max(TOLERANCE.us, TOLERANCE.share * Math.abs(plantedUs));
}

/**
 * Holds every difference that the suite finds between a delayed relay and the relays without delay against what was planted in the
 * same trials, and says beside it how long the relay really held them. Of relays with spikes only the median is asked here: at a
 * share of 1 % their p99 is neither the one nor the other.
 */
export function judgeDelays(
  run: StoredRun,
  record: PlantedRecord,
  relays: readonly Relay[],
  reference: ReferencePair,
): DelayRow[] {
  const summary = analyseAgainst(run, reference);
  const known = knownTrials(run.trials, record);
  return relays.flatMap((relay) =>
    summary.cells
      .filter(({ target, state }) => target === relay.name && state === 'ok')
      .flatMap((cell) => {
        const headline = headlineOf(cell, summary);
        if (headline === null) return [];
        const pick = headline.by === 'per-request' ? PER_REQUEST : LATENCY;
        const blocks = blocksOf(cell, reference, known);
        const asked = relay.truth.kind === 'spikes' ? (['p50'] as const) : QUANTILES;
        return asked.flatMap((quantile) => {
          const measured = headline.shift[quantile];
          const p = PROBABILITY[quantile];
          const plantedUs = relay.truth.kind === 'fixed' ? relay.truth.us : plantedAt(blocks, p, pick);
          const heldUs = heldAt(blocks, p, pick);
          if (measured === undefined || plantedUs === null || heldUs === null) return [];
          return [rowOf(cell, quantile, { plantedUs, heldUs }, measured)];
        });
      }),
  );
}

/** One row for a person: `relay-1ms, chat-minimal at 100 rps, p50: 1000 µs planted, 1003 µs held, 1103 µs measured (1050 to 1160)`. */
export function describeDelay({ relay, scenario, level, quantile, plantedUs, heldUs, measuredUs }: DelayRow): string {
  const [planted, held, value, low, high] = [plantedUs, heldUs, measuredUs.value, measuredUs.low, measuredUs.high].map(
    Math.round,
  );
  return `${relay}, ${scenario} at ${formatLevel(level)}, ${quantile}: ${planted} µs planted, ${held} µs held, ${value} µs measured (${low} to ${high})`;
}

function rowOf(
  { target, scenario, level }: CellSummary,
  quantile: Quantile,
  { plantedUs, heldUs }: Pick<DelayRow, 'plantedUs' | 'heldUs'>,
  { value, low, high }: DelayRow['measuredUs'],
): DelayRow {
  return {
    relay: target,
    scenario,
    level,
    quantile,
    plantedUs: tenths(plantedUs),
    heldUs: tenths(heldUs),
    measuredUs: { value, low, high },
    recovered: isRecovered(value, plantedUs),
    covered: low <= plantedUs && plantedUs <= high,
  };
}

function tenths(us: number): number {
  return Math.round(us * 10) / 10;
}

/** A relay in one block of a cell, and the relays without delay beside it. */
interface KnownBlock {
  readonly own: KnownTrial;
  readonly bases: readonly KnownTrial[];
}

function blocksOf(cell: CellSummary, reference: ReferencePair, known: readonly KnownTrial[]): KnownBlock[] {
  const here = known.filter(({ trial }) => cellKey({ ...trial, target: '' }) === cellKey({ ...cell, target: '' }));
  return here
    .filter(({ trial }) => trial.target === cell.target)
    .flatMap((own) => {
      const bases = here.filter(({ trial }) => trial.block === own.trial.block && reference.includes(trial.target));
      return bases.length === 0 ? [] : [{ own, bases }];
    });
}

/**
 * What was planted, mean over the blocks, as the suite's own figure is: how far the delays move the quantile of what the relays
 * without delay show. Null where a driver gives no histograms.
 */
function plantedAt(blocks: readonly KnownBlock[], p: number, pick: PickDistribution): number | null {
  return meanShift(blocks, pick, ({ own }, values) =>
    values === null ? null : quantileShift(values, own.planted.meantUs, p),
  );
}

/**
 * The same of how long the relay held each request by its own clock, beyond what the relays without delay hold the usual one by. Where a
 * driver gives no histograms, the quantile of that itself, as if all requests were alike otherwise.
 */
function heldAt(blocks: readonly KnownBlock[], p: number, pick: PickDistribution): number | null {
  return meanShift(blocks, pick, ({ own }, values, base) => {
    const usualUs = medianOf(base.planted.heldUs);
    const beyondUs = own.planted.heldUs.map((us) => us - usualUs);
    return values === null ? rankedAt(beyondUs, p) : quantileShift(values, beyondUs, p);
  });
}

/** A shift against each relay without delay of a block, mean over those and then over the blocks; null where none can be had. */
function meanShift(
  blocks: readonly KnownBlock[],
  pick: PickDistribution,
  shift: (block: KnownBlock, values: SparseHistogram | null, base: KnownTrial) => number | null,
): number | null {
  const shifts = blocks.flatMap((block) => {
    const against = block.bases.flatMap((base) => shift(block, valuesOf(base, pick), base) ?? []);
    return against.length === 0 ? [] : [meanOf(against)];
  });
  return shifts.length === 0 ? null : meanOf(shifts);
}

function valuesOf({ trial }: KnownTrial, pick: PickDistribution): SparseHistogram | null {
  const distribution = pick(trial);
  const merged = distribution === null ? null : mergeBlock([distribution]);
  return merged === null || merged.length === 0 ? null : merged;
}

function rankedAt(values: readonly number[], p: number): number {
  return [...values].sort((a, b) => a - b)[rankOf(values.length, p) - 1] as number;
}
