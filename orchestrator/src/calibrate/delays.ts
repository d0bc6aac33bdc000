import { PROBABILITY } from '../analyse/quantile.js';
import { meanOf } from '../analyse/student.js';
import { cellKey, formatLevel } from '../record/cell.js';
import type { StoredRun } from '../record/run-directory.js';
import type { CellSummary } from '../record/summary.js';
import type { TrialRecord } from '../record/trial.js';
import type { DelayRow } from './certificate.js';
import { headlineOf } from './headline.js';
import type { PlantedRecord } from './planted-record.js';
import { analyseAgainst, type ReferencePair } from './reference.js';
import type { Relay } from './relays.js';
import { heldInWindow, heldQuantile } from './truth.js';

/** Off by no more than the larger of the two, a delay counts as recovered. */
export const TOLERANCE = { us: 30, share: 0.05 } as const;
const QUANTILES = ['p50', 'p90', 'p99'] as const;
type Quantile = (typeof QUANTILES)[number];

/** Whether a figure came close enough to the truth. */
export function isRecovered(measuredUs: number, plantedUs: number): boolean {
  return Math.abs(measuredUs - plantedUs) <= Math.max(TOLERANCE.us, TOLERANCE.share * Math.abs(plantedUs));
}

/**
 * Holds every difference that the suite finds between a delayed relay and the relays without delay against what the relay itself
 * says it added in the same trials. Of relays with spikes only the median is asked here: at a share of 1 % their p99 is neither the
 * one nor the other.
 */
export function judgeDelays(
  run: StoredRun,
  record: PlantedRecord,
  relays: readonly Relay[],
  reference: ReferencePair,
): DelayRow[] {
  const summary = analyseAgainst(run, reference);
  const held = heldByTrial(run.trials, record);
  return relays.flatMap((relay) =>
    summary.cells
      .filter(({ target, state }) => target === relay.name && state === 'ok')
      .flatMap((cell) => {
        const asked = relay.truth.kind === 'spikes' ? (['p50'] as const) : QUANTILES;
        return asked.flatMap((quantile) => {
          const measured = headlineOf(cell, summary)?.shift[quantile];
          const plantedUs = plantedAt(cell, quantile, relay, reference, held);
          return measured === undefined || plantedUs === null ? [] : [rowOf(cell, quantile, plantedUs, measured)];
        });
      }),
  );
}

/** One row for a person: `relay-1ms, chat-minimal at 100 rps, p50: 1000 µs planted, 1103 µs measured (1050 to 1160)`. */
export function describeDelay({ relay, scenario, level, quantile, plantedUs, measuredUs }: DelayRow): string {
  const [planted, value, low, high] = [plantedUs, measuredUs.value, measuredUs.low, measuredUs.high].map(Math.round);
  return `${relay}, ${scenario} at ${formatLevel(level)}, ${quantile}: ${planted} µs planted, ${value} µs measured (${low} to ${high})`;
}

function rowOf(
  { target, scenario, level }: CellSummary,
  quantile: Quantile,
  plantedUs: number,
  { value, low, high }: DelayRow['measuredUs'],
): DelayRow {
  return {
    relay: target,
    scenario,
    level,
    quantile,
    plantedUs: Math.round(plantedUs * 10) / 10,
    measuredUs: { value, low, high },
    recovered: isRecovered(value, plantedUs),
    covered: low <= plantedUs && plantedUs <= high,
  };
}

interface HeldTrial {
  readonly trial: TrialRecord;
  readonly heldUs: readonly number[];
}

function heldByTrial(trials: readonly TrialRecord[], record: PlantedRecord): HeldTrial[] {
  return trials
    .filter(({ state }) => state === 'valid')
    .flatMap((trial) => {
      const heldUs = heldInWindow(trial, record);
      return heldUs === null ? [] : [{ trial, heldUs }];
    });
}

/**
 * What was added, mean over the blocks: the relay's quantile less the median of the relays without delay. Of a fixed delay every
 * quantile is the delay, so its median stands for all: the tail of what it held is the machine's, and in the reference too.
 */
function plantedAt(
  cell: CellSummary,
  quantile: Quantile,
  relay: Relay,
  reference: ReferencePair,
  held: readonly HeldTrial[],
): number | null {
  const here = held.filter(({ trial }) => cellKey({ ...trial, target: '' }) === cellKey({ ...cell, target: '' }));
  const p = relay.truth.kind === 'spread' ? PROBABILITY[quantile] : 0.5;
  const added = here
    .filter(({ trial }) => trial.target === relay.name)
    .flatMap(({ trial, heldUs }) => {
      const bases = here.filter((other) => other.trial.block === trial.block && reference.includes(other.trial.target));
      if (bases.length === 0) return [];
      return [heldQuantile(heldUs, p) - meanOf(bases.map((base) => heldQuantile(base.heldUs, 0.5)))];
    });
  return added.length === 0 ? null : meanOf(added);
}
