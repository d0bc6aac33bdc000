import { analysedCells } from '../../analyse/analyse.js';
import { type Advice, adviceOf, windowFor } from '../../analyse/best-split.js';
import { holdsRun, readRun } from '../../record/run-directory.js';
import type { BenchOptions } from './bench.js';
import { chosenScenarios } from './chosen-scenarios.js';
import { type RawOptions, valueOf } from './command.js';

/** How the time of the run in a directory was split; null: there is none, or its records cannot tell. */
export function adviceOfRunIn(directory: string): Advice | null {
  if (!holdsRun(directory)) return null;
  const { manifest, trials } = readRun(directory);
  return adviceOf(manifest, analysedCells(manifest, trials));
}

/** Windows of a length that a run before asks for. */
export interface WindowByRun {
  /** What `--duration` would have to say. */
  readonly duration: string;
  readonly durationMs: number;
  readonly why: string;
}

/**
 * How long windows have to be for a `--precision` that names no `--duration`, by what starts and seconds differed by in the run that lies in the
 * output directory. None is shorter than the slowest answer.
 * @param options what was read of `raw`
 * @returns null: it is said already (a trace says it too), no precision is asked for, or no run there can tell
 */
export function windowByRun(raw: RawOptions, options: BenchOptions): WindowByRun | null {
  const { precision, blocks, output, cluster, blend } = options;
  if (precision === null || valueOf(raw, 'duration') !== undefined) return null;
  if (cluster !== null || (blend?.trialMs ?? null) !== null) return null;
  const advice = adviceOfRunIn(output);
  if (advice === null) return null;
  const slowestS = Math.max(...chosenScenarios(options).map(({ scenario }) => scenario.heldMs ?? 0)) / 1000;
  const windowS = Math.max(Math.round(windowFor(advice, precision.maxBlocks)), Math.ceil(slowestS));
  const duration = String(windowS * blocks);
  const { start, second } = advice.components;
  const percent = (variance: number): string => `${(100 * Math.sqrt(variance)).toFixed(0)} %`;
  return {
    duration,
    durationMs: 1000 * windowS * blocks,
    why:
      `windows of ${windowS} s (--duration ${duration}), which narrow intervals soonest by the run in ${output}: ` +
      `its starts differ by ${percent(start)}, its seconds by ${percent(second)}, and a trial takes ${advice.besideS.toFixed(1)} s besides`,
  };
}
