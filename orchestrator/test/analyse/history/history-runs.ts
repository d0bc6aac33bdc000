import type { Manifest } from '#src/record/manifest.js';
import type { StoredRun } from '#src/record/run-directory.js';
import { lehmer, type Mood, normal, syntheticRun } from '../synthetic-run.js';

/** What runs of one plan on one machine differ by: standard deviations of logarithms. Less than is stated for want of anything better. */
const RUN_TO_RUN = { latency: 0.02, cpu: 0.012, memory: 0.01 };

interface Planted {
  /** From this run on, counted from 1. */
  readonly from: number;
  /** What the figure is multiplied by. */
  readonly factor: number;
}

/** The figure that {@link Planted} is about: the CPU time that crabllm needs for a request of chat-minimal at 100 a second. */
export const PLANTED = { target: 'crabllm', scenario: 'chat-minimal', level: { kind: 'rps', value: 100 }, name: 'cpu' };

/** Runs on consecutive days, each of a mood of its own, with a step in one figure. The same for the same arguments. */
export function historyRuns(count: number, planted: Planted | null, seed = 1): StoredRun[] {
  return Array.from({ length: count }, (_, i) => historyRun(i + 1, planted, seed));
}

function historyRun(number: number, planted: Planted | null, seed: number): StoredRun {
  const random = lehmer(1000 * seed + number);
  const moods = new Map<string, number>();
  const mood: Mood = (of, target, scenario, level) => {
    // What the machine does to a run is in all of its blocks, and for the most part the same for all cells.
    const common = moods.get(of) ?? Math.exp(RUN_TO_RUN[of] * 0.7 * normal(random));
    moods.set(of, common);
    const key = JSON.stringify([of, target, scenario, level]);
    const own = moods.get(key) ?? Math.exp(RUN_TO_RUN[of] * 0.7 * normal(random));
    moods.set(key, own);
    const isPlanted =
      of === 'cpu' && target === PLANTED.target && scenario === PLANTED.scenario && level.value === PLANTED.level.value;
    return common * own * (isPlanted && planted !== null && number >= planted.from ? planted.factor : 1);
  };
  const { manifest, trials } = syntheticRun({ blocks: 3, seed: 1000 * seed + number, ledger: true, mood, most: 100 });
  return { manifest: { ...manifest, ...dated(number) }, trials };
}

function dated(number: number): Pick<Manifest, 'id' | 'startedAt' | 'finishedAt'> {
  const day = new Date(Date.UTC(2026, 1, number, 3)).toISOString();
  return { id: `night-${String(number).padStart(2, '0')}`, startedAt: day, finishedAt: day };
}
