import type { PerRequest, Quantiles } from '../record/summary.js';
import { isWhollyJoined } from '../record/ledger-coverage.js';
import type { LedgerRecord } from '../record/trial.js';
import { estimateQuantiles } from './estimate.js';
import type { Pools } from './judge/pools.js';
import { judgeOverhead, noiseFloorAt } from './overhead.js';
import { seedFor } from './random.js';
import {
  directAt,
  directBlocks,
  type PickDistribution,
  PER_REQUEST,
  pairsWithDirect,
  samplesByBlock,
} from './samples.js';
import type { AnalysedCell } from './standing.js';

/** The parts of a request's way that the ledger tells apart, beside the whole. */
const PARTS = ['requestPathUs', 'responsePathUs', 'addedFirstFrameUs', 'addedGapUs'] as const;

/**
 * What each request of a cell was delayed by, against the same quantity of `direct`; undefined unless every trial that the cell
 * rests on was joined with the mock's ledger, and nearly all of its requests, because figures of some would stand for all of them.
 */
export function perRequestOf(
  cell: AnalysedCell,
  cells: readonly AnalysedCell[],
  seed: number,
  pools: Pools,
): PerRequest | undefined {
  const { standing } = cell;
  if (standing.state !== 'ok' || !standing.trials.every(isWhollyJoined)) return undefined;
  const quantiles = (name: string, pick: PickDistribution): Quantiles =>
    estimateQuantiles([...samplesByBlock(standing.trials, pick).values()], seedFor(seed, `per-request ${name}`));
  const parts = PARTS.flatMap((name) => {
    const pick: PickDistribution = ({ ledger }) => partOf(ledger, name);
    return standing.trials.every((trial) => pick(trial) !== null) ? [[name, quantiles(name, pick)] as const] : [];
  });
  return {
    joined: standing.trials.reduce((sum, { ledger }) => sum + (ledger?.joined ?? 0), 0),
    overheadUs: estimateQuantiles(
      [...samplesByBlock(standing.trials, PER_REQUEST).values()],
      seedFor(seed, 'per-request overhead'),
      pools.lentTo(cell.id, PER_REQUEST),
    ),
    ...(cell.target.kind === 'direct' ? {} : againstDirect(cell, cells, seed, pools)),
    ...Object.fromEntries(parts),
  };
}

function partOf(ledger: LedgerRecord | null, name: (typeof PARTS)[number]) {
  return ledger?.[name] ?? null;
}

function againstDirect(
  cell: AnalysedCell,
  cells: readonly AnalysedCell[],
  seed: number,
  pools: Pools,
): Pick<PerRequest, 'directUs' | 'shiftUs' | 'noiseFloorUs'> {
  const direct = directBlocks(cells, cell.id, PER_REQUEST);
  const own = samplesByBlock(cell.standing.trials, PER_REQUEST);
  const same = new Map([...direct].filter(([block]) => own.has(block)));
  const floor = noiseFloorAt([...direct.values()]);
  return {
    directUs: estimateQuantiles(
      [...same.values()],
      seedFor(seed, 'per-request direct'),
      pools.lentTo(directAt(cells, cell.id)?.id ?? cell.id, PER_REQUEST),
    ),
    shiftUs: judgeOverhead(
      pairsWithDirect(cell, direct, PER_REQUEST),
      floor,
      seedFor(seed, 'per-request shift'),
      (quantile, scale) => pools.spreadOf(cell.id, PER_REQUEST, quantile, scale),
    ),
    noiseFloorUs: { p50: floor.p50Us, p90: floor.p90Us, p99: floor.p99Us },
  };
}
