import type { Service } from '../catalogue/service.js';
import type { Driver } from '../load/driver.js';
import type { RunWriter } from '../record/run-directory.js';
import type { TrialRecord } from '../record/trial.js';
import type { Onlooker } from './onlooker.js';
import type { TimeKeeper } from './time-keeper.js';
import type { Runtime } from '../runtime/runtime.js';

/** A target that can be started. */
export interface StageTarget {
  readonly name: string;
  readonly kind: 'direct' | 'gateway' | 'external';
  /** What starts it; for `direct` this is the mock. */
  readonly service: Service;
  readonly runtime: Runtime;
}

/** A target that can be had. */
export interface PresentTarget extends StageTarget {
  /** Whether it is held to the CPUs and the memory that its service names. */
  readonly limitsEnforced: boolean;
}

/** What a person is told while a run goes on. */
export interface RunProgress {
  /** A line that stays. */
  tell(line: string): void;
  /** What is going on right now, for example `litellm: starting`. */
  doing(what: string): void;
  trialDone(trial: TrialRecord): void;
  /** What is still to be measured behind the plan, as far as that is known: void trials once more. */
  secondChances(trials: number, estimatedMs: number): void;
  blockDone(block: number): void;
}

/** Decides how much of a plan is measured. */
export interface UntilEnough {
  /** Asked behind each block of the plan: whether no further one of it is wanted. */
  isEnough(block: number): boolean;
  /** Asked before each block in which void trials are measured once more: whether it would end in time. */
  hasRoom(): boolean;
  /** So long, ms, was rested behind a block. */
  rested(ms: number): void;
}

/** Everything that walking a plan needs. */
export interface Stage {
  readonly runtime: Runtime;
  readonly mock: Service;
  /** The targets that can be had, by name; a planned target that is not here is absent and is passed over. */
  readonly targets: ReadonlyMap<string, PresentTarget>;
  readonly driver: Driver;
  readonly writer: RunWriter;
  readonly progress: RunProgress;
  /** Keeps the account of where the time goes. */
  readonly time: TimeKeeper;
  readonly signal: AbortSignal;
  /** All targets up all the time, as the original suite had it. */
  readonly keepUp: boolean;
  /** Whether levels above one that saturated twice are left out. */
  readonly skipHopeless: boolean;
  /** Targets that are loaded without being watched. */
  readonly unwatched: ReadonlySet<string>;
  readonly requestTimeoutMs: number;
  /** What measuring void trials once more may take at most, as a share of the plan's time. */
  readonly secondChances: number;
  /** Absent: all blocks of the plan are measured. */
  readonly until?: UntilEnough;
  /** Absent: nobody looks on. */
  readonly onlooker?: Onlooker;
  /** Asked before each visit, or window of a search, when nothing is measured: rests until what was measured is safe elsewhere. Absent: it is where it is written. */
  readonly handOut?: () => Promise<void>;
  /** Trials of an interrupted run that are used as they are. */
  readonly finished: readonly TrialRecord[];
}
