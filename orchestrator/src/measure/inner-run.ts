import type { Service } from '../catalogue/service.js';
import type { PlannedScenario } from '../plan/plan.js';
import type { Progress } from './progress.js';
import type { Summary } from '../record/summary.js';
import { readCatalogue } from '../catalogue/catalogue.js';
import { COMPOSE_FILE } from '../catalogue/compose-file.js';
import { newRunId } from './describe-run.js';
import { measure } from './measure.js';
import { type MeasureRequest, SECOND_CHANCES } from './request.js';
import type { Workbench } from './workbench.js';

/** A run that a command makes to learn about the instrument, and not because somebody asked for it. */
export interface InnerRun {
  /** As `run.json` names it. */
  readonly name: string;
  readonly gateways: (mock: Service) => readonly Service[];
  readonly scenarios: readonly PlannedScenario[];
  readonly blocks: number;
  /** Measured time of a trial. */
  readonly measureMs: number;
  readonly warmupMs: number;
  /** Gateways that nobody looks at while they are loaded; left out: all are watched. */
  readonly unwatched?: readonly string[];
  readonly seed: number;
  readonly mockPort: number | null;
  /** Run directory. */
  readonly output: string;
}

/**
 * Measures by the ordinary way: whoever measures is told nothing of what is known beforehand.
 * @throws BenchError whatever ended it before its plan did
 */
export async function measureInner(run: InnerRun, { equipment, progress, interrupt }: Workbench): Promise<Summary> {
  const { mock } = readCatalogue([COMPOSE_FILE]);
  const gateways = run.gateways(mock);
  const { summary, failure } = await measure({
    request: requestOf(run, gateways),
    runId: newRunId(),
    catalogue: { mock, gateways },
    equipment,
    stored: null,
    progress: withoutTables(progress),
    interrupt,
  });
  if (failure !== null) throw failure;
  return summary;
}

/** What comes out is not read by its tables. */
function withoutTables(progress: Progress): Progress {
  return {
    tell: (line) => progress.tell(line),
    doing: (what) => progress.doing(what),
    begin: (plan, finished) => progress.begin(plan, finished),
    trialDone: (trial) => progress.trialDone(trial),
    secondChances: (trials, estimatedMs) => progress.secondChances(trials, estimatedMs),
    blockDone: (block) => progress.blockDone(block),
    standing: () => {},
    answer: () => {},
    rested: (ms) => progress.rested(ms),
    end: () => progress.end(),
  };
}

function requestOf(run: InnerRun, gateways: readonly Service[]): MeasureRequest {
  return {
    asked: { 'inner-run': run.name },
    settings: null,
    scenarios: run.scenarios,
    gateways: gateways.map(({ name }) => name),
    externals: [],
    programs: [],
    withDirect: true,
    paired: false,
    durationMs: run.measureMs * run.blocks,
    blocks: run.blocks,
    precision: null,
    warmupMs: run.warmupMs,
    timeoutMs: 30_000,
    seed: run.seed,
    mockPort: run.mockPort,
    keepUp: false,
    unwatched: run.unwatched ?? [],
    skipHopeless: true,
    secondChances: SECOND_CHANCES,
    wait: false,
    note: null,
    output: run.output,
  };
}
