import { createHash } from 'node:crypto';
import type { Blend, Scenario } from '../catalogue/scenario.js';
import { isWholeTrace, type Trace } from '../catalogue/trace.js';
import type { Level } from '../record/cell.js';
import { seededRandom, shuffled } from './random.js';
import { againMs, Warmth } from './warm-up.js';

/** A target as the plan knows it; how it is started is the runtime's business. */
export interface PlannedTarget {
  readonly name: string;
  readonly kind: 'direct' | 'gateway' | 'external';
  /** What has to be equal for two runs to be the same: version, image, limits, or the URL. */
  readonly identity: string;
  /** How long it is thought to take until ready, for the estimate. */
  readonly startMs: number;
  /** Whether its entry was never run by whoever keeps it. Left out: it was. */
  readonly isUntried?: boolean;
}

/** A scenario with the levels it runs at. */
export interface PlannedScenario {
  readonly scenario: Scenario;
  readonly levels: readonly Level[];
}

/** One pass of one target within a block, or of a pair: started afresh, its cells in this order. */
export interface Visit {
  readonly target: string;
  /** The target that is measured at the same time, request by request, and has the second turn in the schedule; left out: none. */
  readonly beside?: string;
  /** 1, or 2 for the second `direct` of the block. */
  readonly replica: 1 | 2;
  readonly cells: readonly { readonly scenario: Scenario; readonly level: Level }[];
}

/** One pass over all cells. */
export interface Block<V extends Visit = Visit> {
  /** From 1. */
  readonly number: number;
  readonly visits: readonly V[];
}

/** Two targets that are measured at the same time: what is told is b against a. */
export interface Pair {
  readonly a: string;
  readonly b: string;
}

/** What is measured, in which order, and how long that takes. */
export interface Plan {
  readonly seed: number;
  /** Null: every target has a visit of its own. */
  readonly pair: Pair | null;
  readonly targets: readonly PlannedTarget[];
  readonly scenarios: readonly PlannedScenario[];
  readonly blocks: readonly Block[];
  readonly driver: string;
  /** Measured time of one trial, and the most load before it on the same connections (see {@link Warmth}). */
  readonly measureMs: number;
  readonly warmupMs: number;
  /** How long before its first request a trial's start is agreed on among several that make its load. Left out: one makes it. */
  readonly leadMs?: number;
  /** Rows of the result. */
  readonly cellCount: number;
  readonly trialCount: number;
  /** How long it is thought to take, and how much of that is in measured windows. */
  readonly estimatedMs: number;
  readonly measuredMs: number;
  /** Equal for plans whose trials may stand in one run directory. */
  readonly digest: string;
}

/** What a plan is made from. */
export interface PlanRequest {
  readonly seed: number;
  readonly targets: readonly PlannedTarget[];
  readonly scenarios: readonly PlannedScenario[];
  readonly driver: string;
  readonly blocks: number;
  /** Measured time of a cell in total, split evenly over the blocks. */
  readonly durationMs: number;
  readonly warmupMs: number;
  /** Of {@link Plan.leadMs}. */
  readonly leadMs?: number;
  /**
   * Whether the two targets are measured at the same time. They have to be two, and neither `direct`: what a target burns of the cores that
   * `direct` needs would be taken for its own doing. @default false
   */
  readonly paired?: boolean;
}

/**
 * What a trial takes besides warm-up and measurement: attestation share, tool start, waiting for the last answers, writing. As seen where
 * targets keep up: the native driver's threads wait for the next trial, oha is a program, or a container, of its own each time.
 */
const AROUND_TRIAL_MS = { native: 400, oha: 1200 };

/**
 * Lays out a run: every block holds every target once, `direct` twice (as two targets would be), in a seeded random order, and
 * each visit its cells in a seeded random order. Random interleaving is what keeps drift of the machine from looking like a
 * difference between contestants (Abedi and Brecht, ICPE 2017). Of a pair a block holds one visit of both, and which has the first turn is
 * drawn anew each time.
 * @throws RangeError for a pair that is none
 */
export function makePlan(request: PlanRequest): Plan {
  const { seed, targets, scenarios } = request;
  const random = seededRandom(seed);
  const pair = request.paired === true ? pairOf(targets) : null;
  const cells = scenarios.flatMap(({ scenario, levels }) => levels.map((level) => ({ scenario, level })));
  const slots = targets.flatMap(({ name, kind }) =>
    kind === 'direct'
      ? ([
          [name, 1],
          [name, 2],
        ] as const)
      : ([[name, 1]] as const),
  );
  const visitsOf = (): Visit[] => {
    if (pair === null)
      return shuffled(slots, random).map(([target, replica]) => ({ target, replica, cells: shuffled(cells, random) }));
    const [target, beside] = shuffled([pair.a, pair.b], random) as [string, string];
    return [{ target, beside, replica: 1, cells: shuffled(cells, random) }];
  };
  const blocks = Array.from({ length: request.blocks }, (_, i) => ({ number: i + 1, visits: visitsOf() }));
  const measureMs = Math.round(request.durationMs / request.blocks);
  const trialCount = blocks.length * (pair === null ? slots.length : 2) * cells.length;
  const { driver, warmupMs, leadMs } = request;
  const pace = { driver, measureMs, warmupMs, ...(leadMs === undefined ? {} : { leadMs }) };
  return {
    seed,
    pair,
    targets,
    scenarios,
    blocks,
    ...pace,
    cellCount: targets.length * cells.length,
    trialCount,
    estimatedMs: blocks.reduce((sum, block) => sum + blockMs({ targets, ...pace }, block), 0),
    measuredMs: (measureMs * trialCount) / (pair === null ? 1 : 2),
    digest: digestOf(request, measureMs),
  };
}

function pairOf(targets: readonly PlannedTarget[]): Pair {
  const [a, b, ...more] = targets;
  if (a === undefined || b === undefined || more.length > 0 || targets.some(({ kind }) => kind === 'direct'))
    throw new RangeError(`a pair of ${targets.map(({ name }) => name).join(', ') || 'nobody'}`);
  return { a: a.name, b: b.name };
}

/** How long a block is thought to take: starting its targets, warming them up and measuring their cells. */
export function blockMs(
  { targets, ...pace }: Pick<Plan, 'targets' | 'driver' | 'measureMs' | 'warmupMs' | 'leadMs'>,
  { visits }: Block,
): number {
  const startMsOf = (target: string | undefined): number => targets.find(({ name }) => name === target)?.startMs ?? 0;
  return visits.reduce(
    (sum, { target, beside, cells }) => sum + startMsOf(target) + startMsOf(beside) + cellsMs(pace, cells),
    0,
  );
}

function cellsMs(
  { driver, measureMs, warmupMs, leadMs = 0 }: Omit<Parameters<typeof blockMs>[0], 'targets'>,
  cells: Visit['cells'],
): number {
  const warmth = new Warmth(warmupMs);
  const aroundMs = driver === 'oha' ? AROUND_TRIAL_MS.oha : AROUND_TRIAL_MS.native;
  return cells.reduce((sum, { scenario }) => {
    const warmMs = warmth.beforeMs(scenario);
    warmth.measured(scenario, true);
    // With the last answers, for which the next trial waits.
    return sum + leadMs + (scenario.checkMs ?? 0) + warmMs + measureMs + (scenario.heldMs ?? 0) + aroundMs;
  }, 0);
}

function traceEssence({ sha256, part }: Trace): unknown {
  return isWholeTrace(part) ? sha256 : [sha256, part.fromUs, part.forUs, part.speed];
}

function blendEssence({ kinds, draw, bodies }: Blend): unknown {
  if (bodies !== undefined) return bodies.sha256;
  if ('trace' in draw) return traceEssence(draw.trace);
  return [kinds.map(({ name }) => name), 'weights' in draw ? draw.weights : draw];
}

function digestOf(request: PlanRequest, measureMs: number): string {
  const essence = {
    seed: request.seed,
    blocks: request.blocks,
    driver: request.driver,
    measureMs,
    warmupMs: [request.warmupMs, againMs(request.warmupMs)],
    ...(request.paired === true ? { paired: true } : {}),
    targets: request.targets.map(({ name, kind, identity }) => [name, kind, identity]),
    scenarios: request.scenarios.map(({ scenario, levels }) => [
      scenario.name,
      scenario.request('model', scenario.behaviour),
      levels,
      ...(scenario.blend === undefined ? [] : [blendEssence(scenario.blend)]),
    ]),
  };
  return createHash('sha256').update(JSON.stringify(essence)).digest('hex').slice(0, 16);
}
