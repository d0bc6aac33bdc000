import { cellKey } from '../record/cell.js';
import type { Manifest, TargetRecord } from '../record/manifest.js';
import { ORIGINAL_RUNTIME } from '../record/original-manifest.js';
import type { Reason } from '../record/reason.js';
import type { CellSummary, NoiseFloor, Quantiles, Summary } from '../record/summary.js';
import type { TrialRecord } from '../record/trial.js';
import { objectivesOf } from '../record/objective-text.js';
import { agentsOf } from './agents.js';
import { analyseCapacity } from './capacity.js';
import { clientsLeft } from './clients-left.js';
import { estimateQuantiles } from './estimate.js';
import { featuresOf } from './features.js';
import { findingsOf } from './findings.js';
import { groupBy } from '../grouping.js';
import { blockFiguresOf } from './block-rows.js';
import { Pools } from './judge/pools.js';
import { agreeingLevels } from './level-agreement.js';
import { neighboursOf } from './neighbours.js';
import { observerOf } from './observer.js';
import { judgeOverhead, noiseFloorAt } from './overhead.js';
import { pairedOf } from './paired.js';
import { pairedFindings } from './paired-findings.js';
import { sessionsOf, withParts } from './parts.js';
import { perRequestOf } from './per-request.js';
import { seedFor } from './random.js';
import { rankAt } from './ranking.js';
import { voidsByCell, voidTrials } from './selection.js';
import { staleConnections } from './stale-connections.js';
import {
  directBlocks,
  LATENCY,
  PER_REQUEST,
  type PickDistribution,
  pairsWithDirect,
  samplesByBlock,
  TTFT,
} from './samples.js';
import { type AnalysedCell, standingOf } from './standing.js';
import { totalsOf } from './totals.js';

/**
 * Judges a run from its records alone: the same records give the same summary. Every planned cell has its row, in the order
 * targets × scenarios × levels; a run that was interrupted gives a smaller summary.
 */
export function analyse(asMeasured: Manifest, measured: readonly TrialRecord[]): Summary {
  const each = oncePerBlock(measured);
  const latest = latestTrials(each);
  const { manifest, trials } = withParts({ manifest: asMeasured, trials: latest });
  const cells = plannedCells(manifest, trials);
  const noiseFloor = noiseFloors(manifest, cells);
  const pools = new Pools(cells);
  const voids = voidsByCell(each);
  const features = manifest.paired === undefined ? featuresOf(cells, manifest.seed) : [];
  const sessions = sessionsOf(asMeasured);
  // What a ledger says of those who left is known of whole trials alone.
  const isMeasured = new Set(asMeasured.scenarios.map(({ name }) => name));
  const neighbours = neighboursOf(asMeasured, cells);
  const rows = cells.map((cell) => {
    const own = voids.get(cellKey(cell.id));
    const row = summarise(cell, { cells, noiseFloor, pools, seed: manifest.seed });
    return {
      ...row,
      ...(own === undefined ? {} : { voidTrials: own }),
      ...(manifest.runtime === ORIGINAL_RUNTIME ? atAchievedRate(cell, manifest.seed) : {}),
    };
  });
  return {
    schemaVersion: 3,
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
      ...(manifest.time === undefined ? {} : { time: manifest.time }),
    },
    noiseFloor,
    ...observerOf(latest),
    ...agentsOf(latest),
    ...referencesIn(manifest),
    cells: rows,
    ...(manifest.paired === undefined ? {} : { paired: pairedOf(manifest, cells) }),
    ...(features.length === 0 ? {} : { features }),
    ...surfaceIn(asMeasured, measured),
    ...(neighbours.length === 0 ? {} : { neighbours }),
    ...(sessions.length === 0 ? {} : { sessions }),
    // What was measured at the same time is told by that, and not once more by whole blocks.
    ranking:
      manifest.paired === undefined
        ? manifest.scenarios.flatMap(({ name: scenario, levels }) =>
            levels.flatMap((level) => rankAt({ scenario, level }, cells, rows, pools)),
          )
        : [],
    findings: [
      ...findingsOf(manifest, cells, rows, noiseFloor, latest),
      ...pairedFindings(manifest, latest),
      ...staleConnections(rows),
      ...clientsLeft(cells.filter(({ id }) => isMeasured.has(id.scenario))),
      ...voidTrials(each),
    ],
  };
}

/** Those that are no LLM gateways. */
function referencesIn({ targets }: Manifest): Pick<Summary, 'references'> {
  const references = targets.flatMap(({ name, plays }) => (plays === undefined ? [] : [{ target: name, plays }]));
  return references.length === 0 ? {} : { references };
}

/** Of a search over limits. */
function surfaceIn(manifest: Manifest, trials: readonly TrialRecord[]): Pick<Summary, 'surface'> {
  const objectives = objectivesOf({ manifest, trials });
  if (objectives === null || manifest.targets.every(({ place }) => place === undefined)) return {};
  return { surface: analyseCapacity(manifest, trials, [], objectives).surface };
}

/** Every planned cell with its trials and what they say together, in the order targets × scenarios × levels. */
export function analysedCells(asMeasured: Manifest, measured: readonly TrialRecord[]): AnalysedCell[] {
  const { manifest, trials } = withParts({ manifest: asMeasured, trials: latestTrials(oncePerBlock(measured)) });
  return plannedCells(manifest, trials);
}

/** Each trial once, the last of its cell, block and replica: a run that was resumed may hold it twice. */
function oncePerBlock(trials: readonly TrialRecord[]): TrialRecord[] {
  return [...new Map(trials.map((trial) => [placeOf(trial, trial.block), trial])).values()];
}

/** Without the void ones that another was measured in place of. */
function latestTrials(trials: readonly TrialRecord[]): TrialRecord[] {
  const replaced = new Set(
    trials.flatMap((trial) => (trial.repeats === undefined ? [] : placeOf(trial, trial.repeats))),
  );
  return trials.filter((trial) => !replaced.has(placeOf(trial, trial.block)));
}

function placeOf(trial: TrialRecord, block: number): string {
  return `${cellKey(trial)} ${block} ${trial.replica}`;
}

function plannedCells(manifest: Manifest, trials: readonly TrialRecord[]): AnalysedCell[] {
  const byCell = groupBy(trials, cellKey);
  const cells = manifest.targets.flatMap((target) =>
    manifest.scenarios.flatMap(({ name: scenario, streaming, levels }) =>
      levels.map((level) => {
        const id = { target: target.name, scenario, level };
        const own = byCell.get(cellKey(id)) ?? [];
        return { id, target, streaming, trials: own, standing: standingOf(own, level, reasonForNone(target)) };
      }),
    ),
  );
  return agreeingLevels(cells);
}

function reasonForNone(target: TargetRecord): Reason {
  return target.absent ?? { code: 'not-reached', message: 'the run ended before this cell was measured' };
}

function noiseFloors(manifest: Manifest, cells: readonly AnalysedCell[]): NoiseFloor[] {
  return manifest.scenarios.flatMap(({ name: scenario, levels }) =>
    levels.map((level) => {
      const blocks = directBlocks(cells, { scenario, level }, LATENCY);
      return { scenario, level, ...noiseFloorAt([...blocks.values()]) };
    }),
  );
}

/** What the cells of a run are summarised from. */
interface RunContext {
  readonly cells: readonly AnalysedCell[];
  readonly noiseFloor: readonly NoiseFloor[];
  readonly pools: Pools;
  readonly seed: number;
}

const GAP: PickDistribution = ({ load }) => load?.gapUs ?? null;

function summarise(cell: AnalysedCell, run: RunContext): CellSummary {
  const { id, standing, streaming } = cell;
  const { cells, pools } = run;
  const seed = seedFor(run.seed, cellKey(id));
  const quantiles = (name: string, pick: PickDistribution): Quantiles | null => {
    // Latencies of a target that did not keep up, or answered wrong, would be read as its latencies at this level.
    if (standing.state !== 'ok') return {};
    const blocks = [...samplesByBlock(standing.trials, pick).values()];
    return blocks.length === 0 ? null : estimateQuantiles(blocks, seedFor(seed, name), pools.lentTo(id, pick));
  };
  const perRequest = perRequestOf(cell, cells, seed, pools);
  const latencyUs = quantiles('latency', LATENCY) ?? {};
  const ttftUs = streaming ? quantiles('ttft', TTFT) : null;
  const gapUs = streaming ? quantiles('gap', GAP) : null;
  return {
    ...id,
    state: standing.state,
    ...(standing.reason === null ? {} : { reason: standing.reason }),
    blocks: new Set(standing.trials.map(({ block }) => block)).size,
    ...totalsOf(standing.trials),
    perBlock: blockFiguresOf(cell, cells, perRequest === undefined ? LATENCY : PER_REQUEST),
    latencyUs,
    ...(ttftUs === null ? {} : { ttftUs }),
    ...(gapUs === null ? {} : { gapUs }),
    ...(cell.target.kind === 'direct' ? {} : { overheadUs: overheadOf(cell, run, seed) }),
    ...(perRequest === undefined ? {} : { perRequest }),
  };
}

/** A closed pool of connections has a latency at the rate that it made itself. An open load that is not kept up with has only its length. */
function atAchievedRate({ standing, id }: AnalysedCell, seed: number): Pick<CellSummary, 'latencyAtAchievedUs'> {
  if (standing.state !== 'saturated') return {};
  const blocks = [...samplesByBlock(standing.trials, LATENCY).values()];
  return blocks.length === 0 ? {} : { latencyAtAchievedUs: estimateQuantiles(blocks, seedFor(seed, cellKey(id))) };
}

function overheadOf(
  cell: AnalysedCell,
  { cells, noiseFloor, pools }: RunContext,
  seed: number,
): NonNullable<CellSummary['overheadUs']> {
  const { id, standing } = cell;
  if (standing.state !== 'ok') return {};
  const pairs = pairsWithDirect(cell, directBlocks(cells, id, LATENCY), LATENCY);
  const floor = noiseFloor.find(({ scenario, level }) => cellKey({ ...id, scenario, level }) === cellKey(id));
  return judgeOverhead(pairs, floor, seedFor(seed, 'overhead'), (quantile, scale) =>
    pools.spreadOf(id, LATENCY, quantile, scale),
  );
}

/** Blocks in which every cell of every target that could be had was tried; `direct` twice, where the run did not end as it should. */
function blocksDone(manifest: Manifest, cells: readonly AnalysedCell[]): number {
  const expected = cells.filter(({ target, trials }) => target.absent === null || trials.length > 0);
  const numbers = Array.from({ length: manifest.blocks }, (_, i) => i + 1);
  const isTried = ({ target, trials }: AnalysedCell, number: number): boolean =>
    new Set(trials.filter(({ block, repeats }) => (repeats ?? block) === number).map(({ replica }) => replica)).size >=
    (target.kind === 'direct' && !manifest.complete ? 2 : 1);
  return numbers.filter((number) => expected.length > 0 && expected.every((cell) => isTried(cell, number))).length;
}
