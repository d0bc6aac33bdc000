import { analysedCells } from '#src/analyse/analyse.js';
import type { Manifest } from '#src/record/manifest.js';
import type { TrialRecord } from '#src/record/trial.js';
import { bareRun } from './bare-run.js';
import { lehmer, lognormalDistribution, normal } from './synthetic-run.js';

/** Standard deviations of the logarithm. */
interface Truth {
  readonly block: number;
  readonly start: number;
  readonly second: number;
}

interface Shape {
  readonly blocks: number;
  readonly seconds: number;
  /** What a trial takes besides its window, seconds. */
  readonly besideS: number;
}

const SCENARIOS = ['a', 'b', 'c', 'd'];

/** A run of `direct` twice and two gateways of which the components are known; 200 requests a second that hardly differ within one. */
export function simulate({ block: ofBlock, start, second }: Truth, { blocks, seconds, besideS }: Shape, seed: number) {
  const random = lehmer(seed);
  const medians = Array.from({ length: blocks }, () => 1000);
  const { manifest, trials } = bareRun(
    Object.fromEntries(SCENARIOS.map((name) => [name, { direct: medians, one: medians, other: medians }])),
  );
  const moods = new Map<string, number>();
  const moodOf = (key: string): number => {
    const mood = moods.get(key) ?? ofBlock * normal(random);
    moods.set(key, mood);
    return mood;
  };
  const clocks = new Map<number, number>();
  const measured = trials.map((trial): TrialRecord => {
    const { load } = trial;
    if (load === null) throw new RangeError('no load');
    const visit = 1000 * Math.exp(moodOf(`${trial.block} ${trial.scenario}`) + start * normal(random));
    const each = Array.from({ length: seconds }, () =>
      lognormalDistribution(random, {
        medianUs: visit * Math.exp(second * normal(random)),
        sigma: 0.001,
        perSecond: 200,
        seconds: 1,
      }),
    );
    const latencyUs = { ...load.latencyUs, count: 200 * seconds, seconds: each.flatMap((of) => of.seconds ?? []) };
    const from = Date.UTC(2026, 0, 1, trial.block) + (clocks.get(trial.block) ?? 0);
    clocks.set(trial.block, (clocks.get(trial.block) ?? 0) + 1000 * (seconds + besideS));
    return {
      ...trial,
      startedAt: new Date(from).toISOString(),
      finishedAt: new Date(from + 1000 * (seconds + besideS)).toISOString(),
      load: { ...load, windowMs: 1000 * seconds, latencyUs },
    };
  });
  const known: Manifest = { ...manifest, measureMs: 1000 * seconds };
  return { manifest: known, trials: measured, cells: analysedCells(known, measured) };
}
