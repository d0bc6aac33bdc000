import type { Level } from '../record/cell.js';
import type { Reason } from '../record/reason.js';
import type { TrialRecord } from '../record/trial.js';

/** Blocks in which a level has to be out of reach before higher ones are left out. */
const BLOCKS_TO_GIVE_UP = 2;

/** Remembers what was out of a target's reach, so that a slow gateway does not cost an hour. */
export class Hopeless {
  readonly #saturated = new Map<
    string,
    { readonly level: Level; readonly blocks: Set<number>; readonly reason: Reason }[]
  >();
  /** The highest rate that a target kept up with in a trial. */
  readonly #held = new Map<string, number>();
  readonly #unusable = new Map<string, { blocks: number; reason: Reason }>();

  /** Takes a finished trial into account. */
  note(trial: TrialRecord): void {
    if (trial.state === 'valid' && trial.level.kind === 'rps') {
      const key = keyOf(trial.target, trial.scenario);
      this.#held.set(key, Math.max(trial.level.value, this.#held.get(key) ?? 0));
    }
    if (trial.state !== 'saturated' || trial.reason === null) return;
    const key = keyOf(trial.target, trial.scenario);
    const seen = this.#saturated.get(key) ?? [];
    this.#saturated.set(key, seen);
    const entry = seen.find(({ level }) => level.kind === trial.level.kind && level.value === trial.level.value);
    if (entry === undefined) seen.push({ level: trial.level, blocks: new Set([trial.block]), reason: trial.reason });
    // A block holds two trials of direct.
    else entry.blocks.add(trial.block);
  }

  /** Takes into account that a target did not get ready in a block. */
  noteNotReady(target: string, reason: Reason): void {
    const entry = this.#unusable.get(target);
    if (entry === undefined) this.#unusable.set(target, { blocks: 1, reason });
    else entry.blocks += 1;
  }

  /** Why this level need not be tried, or null. A level below one that was kept up with implies nothing: something else went on there. */
  implied(target: string, scenario: string, level: Level): Reason | null {
    const held = this.#held.get(keyOf(target, scenario)) ?? 0;
    const lower = this.#saturated
      .get(keyOf(target, scenario))
      ?.find(
        (seen) =>
          seen.blocks.size >= BLOCKS_TO_GIVE_UP &&
          seen.level.kind === level.kind &&
          seen.level.value < level.value &&
          seen.level.value > held,
      );
    if (lower === undefined) return null;
    return {
      code: 'implied',
      message: `implied by ${lower.reason.message.replace(/^saturated at /, '')} (not sent; --no-skip sends it)`,
    };
  }

  /** Why the target need not be started again, or null. */
  neverReady(target: string): Reason | null {
    const entry = this.#unusable.get(target);
    return entry !== undefined && entry.blocks >= BLOCKS_TO_GIVE_UP ? entry.reason : null;
  }
}

function keyOf(target: string, scenario: string): string {
  return `${target} ${scenario}`;
}
