import type { BenchError } from '../errors.js';
import type { ConductCase, ConductPace } from '../plan/conduct-cases.js';
import type { ConductRun } from '../record/conduct.js';

/** What is to be asked of gateways while providers fail. */
export interface ConductJobRequest {
  /** Null: every gateway of the catalogue, as far as it can be had. */
  readonly gateways: readonly string[] | null;
  readonly variants: readonly string[];
  readonly cases: readonly ConductCase[];
  /** Whether they were asked for by name. */
  readonly casesNamed: boolean;
  readonly pace: ConductPace;
  /** Whether each gateway is measured in one variant alone. */
  readonly quick: boolean;
  readonly blocks: number;
  readonly seed: number;
  readonly mockPort: number | null;
  readonly wait: boolean;
  readonly output: string;
}

/** What came of it, and what ended it before its plan was; null: nothing did. */
export interface ConductMeasured {
  readonly run: ConductRun;
  readonly failure: BenchError | null;
}
