import { groupBy } from '../../grouping.js';
import type { Level } from '../../record/cell.js';
import { type ComparedMeasure, MEASURES, type MeasureName } from '../../record/comparison.js';
import type { Manifest, TargetRecord } from '../../record/manifest.js';
import type { StoredRun } from '../../record/run-directory.js';
import type { CellSummary } from '../../record/summary.js';
import { analysedCells } from '../analyse.js';
import { measureSeries } from '../compare/measure-series.js';
import type { AnalysedCell } from '../standing.js';

/** What a history keeps of a run: five hundred of them have to fit into memory, and their requests would not. */
export interface RunFigures {
  readonly manifest: Manifest;
  /** The run as far as it is asked whether others may stand beside it, without what our own version alone makes differ. */
  readonly comparable: StoredRun;
  readonly cells: readonly CellFigures[];
  /** What was measured; null where that is not known. */
  readonly commit: string | null;
}

/** A cell of a run. */
export interface CellFigures {
  /** As the run calls it: `crabllm@0.0.25`. */
  readonly name: string;
  /** As the history calls it: `crabllm`, where the run has one version of it only. */
  readonly target: string;
  readonly kind: TargetRecord['kind'];
  readonly version: string | null;
  readonly scenario: string;
  readonly level: Level;
  readonly state: CellSummary['state'];
  /** Why there are no figures; null when the state is `ok`. */
  readonly reason: string | null;
  /** Whether every trial says the same, in two blocks or more where it did not keep up. */
  readonly certain: boolean;
  readonly figures: readonly Figure[];
}

/** A quantity of a cell, in each block of one run. */
export interface Figure {
  readonly name: MeasureName;
  readonly by: ComparedMeasure['by'];
  readonly unit: ComparedMeasure['unit'];
  readonly blocks: readonly number[];
  /** What direct and direct differ by; null where no block holds both. */
  readonly floor: number | null;
  /** What a change is a share of when it is asked whether it is large enough to be felt. */
  readonly reference: number;
}

const OWN = 'crabllm-bench';

/**
 * The figures of a run that has ended.
 * @param commit of what was measured; null where that is not known
 */
export function figuresOf(run: StoredRun, commit: string | null): RunFigures {
  const cells = analysedCells(run.manifest, run.trials);
  const names = namesOf(run.manifest);
  return {
    manifest: run.manifest,
    comparable: comparableOf(run),
    commit,
    cells: cells.map((cell) => cellFigures(cell, cells, names.get(cell.id.target) ?? cell.id.target)),
  };
}

/** The name of a gateway without its version, so that versions stand in one line, unless the run has several of it. */
function namesOf({ targets }: Manifest): Map<string, string> {
  const byBase = groupBy(targets, ({ name }) => name.split('@', 1)[0] as string);
  return new Map(
    [...byBase].flatMap(([base, [first, ...more]]) =>
      more.length > 0 || first === undefined ? [] : [[first.name, base]],
    ),
  );
}

/**
 * Our own version is in that of the driver and the mock too, which are part of the program. It is told of a run; by itself it ends no series,
 * or each release of this program would end them all.
 */
function comparableOf({ manifest, trials }: StoredRun): StoredRun {
  const { [OWN]: _own, ...versions } = manifest.versions;
  const targets = manifest.targets.map((target) =>
    target.kind === 'direct' ? { ...target, version: null, digest: null } : target,
  );
  const byDriver = groupBy(
    trials.filter(({ load }) => load !== null),
    ({ load }) => `${load?.driver.name} ${load?.driver.name === 'native' ? '' : load?.driver.version}`,
  );
  const one = [...byDriver.values()].flatMap(([trial]) => {
    if (trial === undefined || trial.load === null) return [];
    const driver = trial.load.driver.name === 'native' ? { ...trial.load.driver, version: '' } : trial.load.driver;
    return [{ ...trial, load: { ...trial.load, driver }, ledger: null, resources: null }];
  });
  return { manifest: { ...manifest, versions, targets }, trials: one };
}

function cellFigures(cell: AnalysedCell, cells: readonly AnalysedCell[], target: string): CellFigures {
  const { id, standing } = cell;
  const blocks = new Set(standing.trials.map(({ block }) => block)).size;
  return {
    name: id.target,
    target,
    kind: cell.target.kind,
    version: cell.target.version,
    scenario: id.scenario,
    level: id.level,
    state: standing.state,
    reason: standing.reason?.message ?? null,
    certain: standing.mixture === null && (standing.state === 'ok' || blocks > 1),
    figures: standing.state === 'ok' ? shownMeasures(cell).flatMap((name) => figureOf(name, cell, cells)) : [],
  };
}

/** Of `direct` what the machine is: its latency. Of the others what is over it, with the machine taken out. */
function shownMeasures({ target }: AnalysedCell): MeasureName[] {
  if (target.kind === 'direct') return ['latency.p50'];
  return MEASURES.filter((name) => !name.startsWith('latency.'));
}

function figureOf(name: MeasureName, cell: AnalysedCell, cells: readonly AnalysedCell[]): Figure[] {
  const side = { cell, cells };
  const pair = measureSeries(name, side, side);
  if (pair === null || pair.a.size === 0) return [];
  const { a, by, unit, floor, reference } = pair;
  return [{ name, by, unit, blocks: [...a.values()], floor, reference }];
}
