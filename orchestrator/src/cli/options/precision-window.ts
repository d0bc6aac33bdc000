import { analysedCells } from '../../analyse/analyse.js';
import { type Advice, adviceOf, windowFor } from '../../analyse/best-split.js';
import { holdsRun, readRun } from '../../record/run-directory.js';
import { readBenchOptions } from './bench.js';
import { type RawOptions, valueOf } from './command.js';

/** How the time of the run in a directory was split; null: there is none, or its records cannot tell. */
export function adviceOfRunIn(directory: string): Advice | null {
  if (!holdsRun(directory)) return null;
  const { manifest, trials } = readRun(directory);
  return adviceOf(manifest, analysedCells(manifest, trials));
}

/**
 * How long windows have to be for a `--precision` that names no `--duration`, by what starts and seconds differed by in the run that lies in the
 * output directory.
 * @returns the value of `--duration`, and why; null: it is said already, no precision is asked for, or no run there can tell
 */
export function durationByRun(raw: RawOptions): { readonly duration: string; readonly why: string } | null {
  if (raw['precision'] === undefined || valueOf(raw, 'duration') !== undefined) return null;
  const { precision, blocks, output, cluster } = readBenchOptions(raw);
  const advice = precision === null || cluster !== null ? null : adviceOfRunIn(output);
  if (precision === null || advice === null) return null;
  const windowS = Math.round(windowFor(advice, precision.maxBlocks));
  const duration = String(windowS * blocks);
  const { start, second } = advice.components;
  const percent = (variance: number): string => `${(100 * Math.sqrt(variance)).toFixed(0)} %`;
  return {
    duration,
    why:
      `windows of ${windowS} s (--duration ${duration}), which narrow intervals soonest by the run in ${output}: ` +
      `its starts differ by ${percent(start)}, its seconds by ${percent(second)}, and a trial takes ${advice.besideS.toFixed(1)} s besides`,
  };
}
