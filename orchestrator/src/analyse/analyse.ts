import { type CellId, cellKey } from '../record/cell.js';
import type { Manifest, TargetRecord } from '../record/manifest.js';
import type { Reason } from '../record/reason.js';
import type { CellSummary, NoiseFloor, Quantiles, Summary } from '../record/summary.js';
import type { Distribution, LoadRecord, TrialRecord } from '../record/trial.js';
import { type BlockSample, estimateQuantiles } from './estimate.js';
import { findingsOf } from './findings.js';
import { groupBy } from './grouping.js';
import { type BlockPair, judgeOverhead, noiseFloorAt } from './overhead.js';
import { seedFor } from './random.js';
import { type AnalysedCell, standingOf } from './standing.js';
import { totalsOf } from './totals.js';

/**
 * Judges a run from its records alone: the same records give the same summary. Every planned cell has its row, in the order
 * targets × scenarios × levels; a run that was interrupted gives a smaller summary.
 */
export function analyse(manifest: Manifest, trials: readonly TrialRecord[]): Summary {
  const latest = latestTrials(trials);
  const cells = plannedCells(manifest, latest);
  const noiseFloor = noiseFloors(manifest, cells);
  const rows = cells.map((cell) => summarise(cell, cells, noiseFloor, manifest.seed));
  return {
    schemaVersion: 1,
    run: {
      id: manifest.id,
      startedAt: manifest.startedAt,
      finishedAt: manifest.finishedAt,
      complete: manifest.complete,
      blocks: { planned: manifest.blocks, done: blocksDone(manifest, cells) },
      seed: manifest.seed,
      runtime: manifest.runtime,
      driver: manifest.driver,
      options: manifest.options,
      versions: manifest.versions,
      host: manifest.host,
    },
    noiseFloor,
    cells: rows,
    findings: findingsOf(manifest, cells, rows, noiseFloor, latest),
  };
}

/** Of trials of the same cell, block and replica the last one: it was measured again because the first could not be used. */
function latestTrials(trials: readonly TrialRecord[]): TrialRecord[] {
  return [...new Map(trials.map((trial) => [`${cellKey(trial)} ${trial.block} ${trial.replica}`, trial])).values()];
}

function plannedCells(manifest: Manifest, trials: readonly TrialRecord[]): AnalysedCell[] {
  const byCell = groupBy(trials, cellKey);
  return manifest.targets.flatMap((target) =>
    manifest.scenarios.flatMap(({ name: scenario, streaming, levels }) =>
      levels.map((level) => {
        const id = { target: target.name, scenario, level };
        const own = byCell.get(cellKey(id)) ?? [];
        return { id, target, streaming, trials: own, standing: standingOf(own, level, reasonForNone(target)) };
      }),
    ),
  );
}

function reasonForNone(target: TargetRecord): Reason {
  return target.absent ?? { code: 'not-reached', message: 'the run ended before this cell was measured' };
}

function noiseFloors(manifest: Manifest, cells: readonly AnalysedCell[]): NoiseFloor[] {
  return manifest.scenarios.flatMap(({ name: scenario, levels }) =>
    levels.map((level) => {
      const blocks = directBlocks(cells, { scenario, level });
      return { scenario, level, ...noiseFloorAt([...blocks.values()]) };
    }),
  );
}

/** What `direct` showed in each block at a scenario and level, where its cell is usable. */
function directBlocks(cells: readonly AnalysedCell[], at: Omit<CellId, 'target'>): Map<number, BlockSample> {
  const direct = cells.find(
    ({ id, target }) => target.kind === 'direct' && cellKey(id) === cellKey({ ...at, target: target.name }),
  );
  if (direct === undefined || direct.standing.state !== 'ok') return new Map();
  return samplesByBlock(direct.standing.trials, ({ latencyUs }) => latencyUs);
}

function samplesByBlock(
  trials: readonly TrialRecord[],
  pick: (load: LoadRecord) => Distribution | null,
): Map<number, BlockSample> {
  const samples = trials.flatMap(({ block, replica, load }) => {
    const distribution = load === null ? null : pick(load);
    return distribution === null ? [] : [{ block, replica, distribution }];
  });
  const ordered = samples.sort((a, b) => a.block - b.block || a.replica - b.replica);
  const blocks = groupBy(ordered, ({ block }) => block);
  return new Map([...blocks].map(([block, group]) => [block, group.map(({ distribution }) => distribution)]));
}

function summarise(
  cell: AnalysedCell,
  cells: readonly AnalysedCell[],
  noiseFloor: readonly NoiseFloor[],
  runSeed: number,
): CellSummary {
  const { id, standing, streaming } = cell;
  const seed = seedFor(runSeed, cellKey(id));
  const quantiles = (name: string, pick: (load: LoadRecord) => Distribution | null): Quantiles | null => {
    // Latencies of a target that did not keep up, or answered wrong, would be read as its latencies at this level.
    if (standing.state !== 'ok') return {};
    const blocks = [...samplesByBlock(standing.trials, pick).values()];
    return blocks.length === 0 ? null : estimateQuantiles(blocks, seedFor(seed, name));
  };
  const latencyUs = quantiles('latency', (load) => load.latencyUs) ?? {};
  const ttftUs = streaming ? quantiles('ttft', (load) => load.ttftUs) : null;
  const gapUs = streaming ? quantiles('gap', (load) => load.gapUs) : null;
  return {
    ...id,
    state: standing.state,
    ...(standing.reason === null ? {} : { reason: standing.reason }),
    blocks: new Set(standing.trials.map(({ block }) => block)).size,
    ...totalsOf(standing.trials),
    latencyUs,
    ...(ttftUs === null ? {} : { ttftUs }),
    ...(gapUs === null ? {} : { gapUs }),
    ...(cell.target.kind === 'direct' ? {} : { overheadUs: overheadOf(cell, cells, noiseFloor, seed) }),
  };
}

function overheadOf(
  { id, standing }: AnalysedCell,
  cells: readonly AnalysedCell[],
  noiseFloor: readonly NoiseFloor[],
  seed: number,
): NonNullable<CellSummary['overheadUs']> {
  if (standing.state !== 'ok') return {};
  const direct = directBlocks(cells, id);
  const pairs = [...samplesByBlock(standing.trials, (load) => load.latencyUs)].flatMap(
    ([block, [target]]): BlockPair[] => {
      const references = direct.get(block);
      return target === undefined || references === undefined ? [] : [{ target, direct: references }];
    },
  );
  const floor = noiseFloor.find(({ scenario, level }) => cellKey({ ...id, scenario, level }) === cellKey(id));
  return judgeOverhead(pairs, floor, seedFor(seed, 'overhead'));
}

/** Blocks in which every cell of every target that could be had was tried; `direct` twice, where the run did not end as it should. */
function blocksDone(manifest: Manifest, cells: readonly AnalysedCell[]): number {
  const expected = cells.filter(({ target, trials }) => target.absent === null || trials.length > 0);
  const numbers = Array.from({ length: manifest.blocks }, (_, i) => i + 1);
  const isTried = ({ target, trials }: AnalysedCell, number: number): boolean =>
    new Set(trials.filter(({ block }) => block === number).map(({ replica }) => replica)).size >=
    (target.kind === 'direct' && !manifest.complete ? 2 : 1);
  return numbers.filter((number) => expected.length > 0 && expected.every((cell) => isTried(cell, number))).length;
}
