import { analyse } from '../analyse/analyse.js';
import type { StoredRun } from '../record/run-directory.js';
import type { Certificate, Outcome } from '../certificate/certificate.js';
import { describeStop } from '../certificate/blame-rows.js';
import { describeObserver } from '../certificate/markdown.js';
import { isWrong } from './blame.js';
import { describeDelay, isRecovered, judgeDelays } from './delays.js';
import type { PlantedRecord } from './planted-record.js';
import { asOneRun, type ReferencePair } from './reference.js';
import { type Relay, SAME } from './relays.js';
import { learnRunToRun } from './run-to-run.js';
import { judgeRepeatedRun, type Repeated, type RepeatedRun } from './repeated-run.js';
import { judgeErratic, missesOfErratic } from './erratic.js';
import { judgeObserver } from './observer.js';
import { judgeResolution } from './resolution.js';
import { judgeSameTarget } from './same-target.js';
import { judgeSins } from './sins.js';
import { judgeSpikes } from './spikes.js';

/** A run and what the relays say of it. */
export interface CalibrationRun {
  readonly run: StoredRun;
  readonly planted: PlantedRecord;
}

/** All that a certificate is made of. */
export interface Calibration {
  readonly madeAt: string;
  readonly quick: boolean;
  /** One, or two of the same plan. */
  readonly runs: readonly CalibrationRun[];
  readonly sins: CalibrationRun;
  /** A target with and without everything that watches it. */
  readonly observer: StoredRun;
  /** Whom the suite blamed for stops that were planted. */
  readonly blame: NonNullable<Certificate['blame']>;
  /** An erratic target beside two steady ones; null where it was not tried. */
  readonly erratic: CalibrationRun | null;
  /** Gateways with planted policies for failing providers; null where it was not tried. */
  readonly conduct: NonNullable<Certificate['conduct']> | null;
  /** Those with a delay, and those of the run of sins. */
  readonly delayed: readonly Relay[];
  readonly sinful: readonly Relay[];
}

/** Comparisons below which an experiment has shown nothing either way, and the shares that it must reach. */
export const REQUIRED = {
  covered: 0.9,
  recovered: 0.95,
  same: { comparisons: 40, different: 0.05 },
  repeated: { cells: 60, share: 0.95 },
} as const;

/** Holds everything that was measured against what is known. Nothing that was missed is left out. */
export function judgeCalibration(calibration: Calibration): Certificate {
  const stored = calibration.runs.map(({ run }) => run);
  const whole = asOneRun(stored);
  const planted = calibration.runs.flatMap((run) => run.planted);
  const [a = '', b = '', c = ''] = SAME.map(({ name }) => name);
  const { manifest } = whole;
  const parts = {
    delays: delaysOf(whole, planted, calibration.delayed, [a, b]),
    sins: sinsOf(calibration),
    sameTarget: sameTargetOf(stored, [a, b, c]),
    repeatedRun: repeatedRunOf(stored),
    observer: judgeObserver(calibration.observer),
    blame: calibration.blame,
    ...(calibration.erratic === null
      ? {}
      : { erratic: judgeErratic(calibration.erratic.run, calibration.erratic.planted) }),
    ...(calibration.conduct === null ? {} : { conduct: calibration.conduct }),
    ...runToRunOf(stored, calibration.madeAt),
  };
  return {
    schemaVersion: 2,
    madeAt: calibration.madeAt,
    quick: calibration.quick,
    runtime: manifest.runtime,
    driver: manifest.driver,
    host: manifest.host,
    versions: manifest.versions,
    blocks: manifest.blocks,
    tells: judgeResolution(whole, [a, b, c]),
    ...parts,
    misses: missesOf(parts),
  };
}

function delaysOf(
  run: StoredRun,
  planted: PlantedRecord,
  relays: readonly Relay[],
  reference: ReferencePair,
): Certificate['delays'] {
  const rows = judgeDelays(run, planted, relays, reference);
  const spikes = judgeSpikes(run, planted, relays);
  const medians = rows.filter(({ quantile }) => quantile === 'p50');
  const recovered = medians.filter((row) => row.recovered).length;
  const covered = rows.filter((row) => row.covered).length;
  const silent = relays.filter(({ name }) => !reference.includes(name) && !rows.some(({ relay }) => relay === name));
  const good =
    silent.length === 0 &&
    recovered >= REQUIRED.recovered * medians.length &&
    covered >= REQUIRED.covered * rows.length &&
    spikes.every((row) => row.recovered);
  return {
    outcome: good ? 'passed' : 'missed',
    recovered,
    medians: medians.length,
    covered,
    comparisons: rows.length,
    rows,
    spikes,
    silent: silent.map(({ name }) => name),
  };
}

function sinsOf({ sins, sinful }: Calibration): Certificate['sins'] {
  const rows = judgeSins(sins.run, sins.planted, sinful);
  return { outcome: rows.every(({ named }) => named) ? 'passed' : 'missed', rows };
}

function sameTargetOf(runs: readonly StoredRun[], names: readonly [string, string, string]): Certificate['sameTarget'] {
  const same = judgeSameTarget(runs, names);
  const good = same.declaredDifferent <= REQUIRED.same.different * same.comparisons;
  return {
    ...same,
    examples: [...same.examples],
    outcome: outcomeOf(good, same.comparisons >= REQUIRED.same.comparisons),
  };
}

function runToRunOf([first, second]: readonly StoredRun[], madeAt: string): Pick<Certificate, 'runToRun'> {
  const learnt = first === undefined || second === undefined ? null : learnRunToRun(first, second, madeAt);
  return learnt === null ? {} : { runToRun: learnt };
}

/** Two runs of one plan held against each other; of fewer than two nothing is said. */
export function repeatedRunOf([first, second]: readonly StoredRun[]): Certificate['repeatedRun'] {
  const nothing: Repeated = { cells: 0, agreeing: 0, vague: [], disagreements: [] };
  const repeated: RepeatedRun =
    first === undefined || second === undefined
      ? { overheads: nothing, latencies: nothing, moved: [], contradictions: [] }
      : judgeRepeatedRun(analyse(first.manifest, first.trials), analyse(second.manifest, second.trials));
  const figures = [repeated.overheads, repeated.latencies];
  const { share, cells } = REQUIRED.repeated;
  const good =
    repeated.contradictions.length === 0 &&
    figures.every((figure) => figure.disagreements.length <= (1 - share) * figure.cells);
  const enough =
    figures.reduce((sum, figure) => sum + figure.cells, 0) >= cells &&
    figures.every((figure) => figure.agreeing >= share * figure.cells);
  return { ...repeated, outcome: outcomeOf(good, enough) };
}

function outcomeOf(good: boolean, enough: boolean): Outcome {
  if (!good) return 'missed';
  return enough ? 'passed' : 'too-few';
}

function missesOf({
  delays,
  sins,
  sameTarget,
  repeatedRun,
  observer,
  blame,
  erratic,
  conduct,
}: Pick<
  Certificate,
  'delays' | 'sins' | 'sameTarget' | 'repeatedRun' | 'observer' | 'blame' | 'erratic' | 'conduct'
>): string[] {
  const figures = [repeatedRun.overheads, repeatedRun.latencies];
  return [
    ...delays.silent.map((name) => `nothing usable was measured of ${name}`),
    ...delays.rows
      .filter(({ quantile, heldUs, plantedUs }) => quantile === 'p50' && !isRecovered(heldUs, plantedUs))
      .map((row) => `held wrong by the relay itself: ${describeDelay(row)}`),
    ...delays.rows
      .filter(({ quantile, recovered }) => quantile === 'p50' && !recovered)
      .map((row) => `not recovered: ${describeDelay(row)}`),
    ...delays.rows.filter(({ covered }) => !covered).map((row) => `not covered: ${describeDelay(row)}`),
    ...delays.spikes
      .filter(({ recovered }) => !recovered)
      .map(
        ({ relay, scenario, requests, planted, plantedUs, seen, seenUs }) =>
          `spikes of ${relay}, ${scenario}: ${planted} of ${requests} requests planted, ${seen} seen; ${plantedUs} µs planted, ${seenUs ?? 'none'} seen`,
      ),
    ...sins.rows
      .filter(({ named }) => !named)
      .map(({ relay, sin, done }) =>
        sin === null
          ? `accused though it did nothing: ${relay}`
          : `not named: ${relay}, which ${sin.replaceAll('-', ' ')} (${done} times)`,
      ),
    ...sameTarget.examples.map((text) => `called different from itself: ${text}`),
    ...repeatedRun.moved.map((text) => `the machine was not the same in both runs: ${text}`),
    ...figures.flatMap(({ disagreements }) => disagreements.map((text) => `not repeated: ${text}`)),
    ...repeatedRun.contradictions.map((text) => `contradiction: ${text}`),
    ...(observer?.outcome === 'missed' ? [`watching is felt: ${describeObserver(observer)}`] : []),
    ...(blame !== undefined && 'rows' in blame ? blame.rows.filter(isWrong).map(describeStop) : []),
    ...(erratic === undefined ? [] : missesOfErratic(erratic)),
    ...(conduct?.misses ?? []).map((text) => `conduct: ${text}`),
    ...(repeatedRun.outcome === 'passed'
      ? []
      : figures.flatMap(({ vague }) => vague.map((text) => `too wide to say: ${text}`))),
  ];
}
