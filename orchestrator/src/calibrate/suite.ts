import { SCENARIOS } from '../catalogue/scenarios.js';
import type { PlannedScenario } from '../plan/plan.js';
import { DELAYED, ERRATIC, FAINT, type Relay, SAME, SINFUL, STEADY, UNWATCHED, WATCHED } from './relays.js';

/** One run of a calibration. */
export interface SuiteRun {
  /** Folder below the calibration's own. */
  readonly name: string;
  readonly relays: readonly Relay[];
  readonly scenarios: readonly PlannedScenario[];
  readonly blocks: number;
  /** Measured time of a trial. */
  readonly measureMs: number;
  readonly warmupMs: number;
  /** Relays that nobody looks at while they are loaded; left out: all are watched. */
  readonly unwatched?: readonly string[];
}

/** What a calibration measures. */
export interface Suite {
  /** One, or two of the same plan. */
  readonly runs: readonly SuiteRun[];
  readonly sins: SuiteRun;
  /** A target with and without everything that watches it. */
  readonly observer: SuiteRun;
  /** An erratic target beside two steady ones; too long for the quick suite, in which it is shorter and only by itself. */
  readonly erratic: SuiteRun;
}

/**
 * Low rates, because mock, relay and driver may share two cores, and a ruler is proved where nothing else is the bottleneck. The
 * whole suite takes some twenty-five minutes, the quick one less than four; it has too few comparisons for a full certificate.
 */
export function suiteOf(quick: boolean): Suite {
  const relays = quick
    ? [...SAME, ...DELAYED.filter(({ truth }) => truth.kind === 'fixed')]
    : [...SAME, FAINT, ...DELAYED];
  const ruler: Omit<SuiteRun, 'name'> = quick
    ? {
        relays,
        scenarios: scenarios(['chat-minimal'], [250]),
        blocks: 5,
        measureMs: 1000,
        warmupMs: 250,
      }
    : {
        relays,
        scenarios: scenarios(['chat-minimal', 'chat-stream', 'embeddings'], [100, 250]),
        blocks: 5,
        // At 250 rps each run carries a p99 of its own (n · 1 % ≥ 10).
        measureMs: 850,
        warmupMs: 250,
      };
  return {
    runs: quick ? [{ ...ruler, name: 'run-1' }] : [1, 2].map((number) => ({ ...ruler, name: `run-${number}` })),
    sins: {
      name: 'sins',
      relays: SINFUL,
      scenarios: scenarios(['chat-minimal', 'chat-stream'], [250]),
      blocks: 1,
      measureMs: 2000,
      warmupMs: 250,
    },
    observer: {
      name: 'observer',
      relays: [WATCHED, UNWATCHED],
      unwatched: [UNWATCHED.name],
      // Requests enough for a p99 of each trial.
      scenarios: scenarios(['chat-minimal', 'chat-stream'], [500]),
      blocks: quick ? 5 : 20,
      measureMs: 2000,
      warmupMs: 250,
    },
    erratic: {
      name: 'erratic',
      relays: [ERRATIC, ...STEADY],
      // Three levels are the fewest at which the cells of a run lend each other their spread.
      scenarios: scenarios(['chat-minimal'], quick ? [250] : [100, 250, 500]),
      blocks: 6,
      measureMs: 1000,
      warmupMs: 250,
    },
  };
}

function scenarios(names: readonly string[], rates: readonly number[]): PlannedScenario[] {
  return SCENARIOS.filter(({ name }) => names.includes(name)).map((scenario) => ({
    scenario,
    levels: rates.map((value) => ({ kind: 'rps', value })),
  }));
}
