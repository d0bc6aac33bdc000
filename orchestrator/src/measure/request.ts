import type { OwnProgram } from '../catalogue/own-program.js';
import type { Service } from '../catalogue/service.js';
import type { PlannedScenario } from '../plan/plan.js';
import type { SettingsRecord } from '../record/manifest.js';
import type { SurfaceLimits } from '../record/surface.js';
import type { Scaling } from './replicas.js';
import type { PrecisionGoal } from './until-precise.js';

/** Something that already runs and is loaded as it is; what is left out is as it is of an entry that leaves it out. */
export interface ExternalTarget
  extends Partial<Pick<Service, 'serves' | 'accept' | 'basePath' | 'modelPrefix' | 'model'>> {
  readonly name: string;
  readonly url: string;
  /** Path whose 2xx says that it is up, not below the base path; left out: only a real request says so. */
  readonly healthPath?: string;
  /** Sent with each request; left out: none. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What second chances may take where nobody says otherwise. */
export const SECOND_CHANCES = 0.25;

/** A run that somebody wants, with every value checked. Whoever asks (a command line, a calibration, a search) fills it in. */
export interface MeasureRequest extends Scaling {
  /** What `run.json` keeps as the options of the run, in the words of whoever asked. */
  readonly asked: Readonly<Record<string, unknown>>;
  /** The file that part of {@link asked} comes from; null: none. */
  readonly settings: SettingsRecord | null;
  readonly scenarios: readonly PlannedScenario[];
  /** Null: every gateway of the catalogue, as far as it can be had. */
  readonly gateways: readonly string[] | null;
  /** Variants of each of these, and each once more as it is (`+bare`); one that a gateway lacks is absent. Left out: none. */
  readonly variants?: readonly string[];
  /** Where no gateway is named: only those that have one of {@link variants}. Left out: all of the catalogue. */
  readonly withVariantsOnly?: boolean;
  /** At each of these limits every gateway is a target of its own. Left out, or none: as the compose file has them. */
  readonly limits?: readonly SurfaceLimits[];
  readonly externals: readonly ExternalTarget[];
  /** Programs of one's own: in the place of gateways, or as targets beside them. */
  readonly programs: readonly OwnProgram[];
  /** False where nothing is compared with `direct`; the mock runs all the same. */
  readonly withDirect: boolean;
  /** Whether the two targets are measured at the same time, request by request; then there is no `direct` beside. */
  readonly paired: boolean;
  /** Measured time of a cell over all its {@link blocks}. */
  readonly durationMs: number;
  readonly blocks: number;
  /** {@link blocks} are then the least, and go on until the overheads are known this well; null: as many as are asked for. */
  readonly precision: PrecisionGoal | null;
  readonly warmupMs: number;
  /** After which a request has failed. */
  readonly timeoutMs: number;
  readonly seed: number;
  /** Null: where the catalogue has it. */
  readonly mockPort: number | null;
  /** All gateways up all the time, not only the one that is measured. */
  readonly keepUp: boolean;
  /** Whether levels above one that saturated twice are left out. */
  readonly skipHopeless: boolean;
  /** Targets of which neither CPU nor memory is read, nor the host's state beside them: for whoever asks what watching does. */
  readonly unwatched: readonly string[];
  /** What measuring void trials once more may take at most, as a share of the plan's time. */
  readonly secondChances: number;
  /** Whether it waits until no other run measures on this host. */
  readonly wait: boolean;
  /** Said behind the plan; null: nothing. */
  readonly note: string | null;
  /** Run directory. */
  readonly output: string;
}
