import type { Plan } from '../plan/plan.js';
import type { TrialRecord } from '../record/trial.js';

/** Counts trials and says how long the rest may take, from the pace so far. */
export class Pace {
  #planned = 0;
  #atStart = 0;
  #done = 0;
  #doneBehind = 0;
  #behind = { trials: 0, estimatedMs: 0 };
  #lastPlannedBlock = 0;
  #estimatedMs = 0;
  #startedAt = performance.now();
  /** What the plan takes over what it was thought to take. */
  #slowness = 1;

  /** Whether anybody knows how many trials there will be: the windows of a search are found as it goes. */
  get known(): boolean {
    return this.#planned > 0;
  }

  /** Trials that are behind. */
  get done(): number {
    return this.#done + this.#doneBehind;
  }

  /** Trials in all, as far as is known. */
  get total(): number {
    return Math.max(this.done, this.#planned + this.#doneBehind + this.#behind.trials);
  }

  get leftMs(): number {
    const { share, totalMs } = this.#plan();
    // What is behind the plan is as much slower or faster than its estimate as the plan is.
    return totalMs * (1 - share) + this.#behind.estimatedMs * this.#slowness;
  }

  begin(plan: Plan, finishedTrials: number): void {
    this.#planned = plan.trialCount;
    this.#atStart = Math.min(finishedTrials, plan.trialCount);
    this.#done = this.#atStart;
    this.#lastPlannedBlock = plan.blocks.length;
    this.#estimatedMs = plan.estimatedMs;
    this.#startedAt = performance.now();
  }

  count({ block }: TrialRecord): void {
    if (block <= this.#lastPlannedBlock || !this.known) {
      this.#done += 1;
      if (this.#estimatedMs > 0) this.#slowness = this.#plan().totalMs / this.#estimatedMs;
      return;
    }
    this.#doneBehind += 1;
    const { trials, estimatedMs } = this.#behind;
    const left = Math.max(0, trials - 1);
    this.#behind = { trials: left, estimatedMs: trials === 0 ? 0 : (estimatedMs * left) / trials };
  }

  secondChances(trials: number, estimatedMs: number): void {
    this.#behind = { trials, estimatedMs };
  }

  /** A rest says nothing of how fast the run is. */
  rested(ms: number): void {
    this.#startedAt += ms;
  }

  toString(): string {
    return `${this.done}/${this.total}, about ${formatDuration(this.leftMs)} left`;
  }

  /** How much of the plan is done, and what all of it is going to take. */
  #plan(): { readonly share: number; readonly totalMs: number } {
    const measured = this.#done - this.#atStart;
    const share = Math.min(1, measured / Math.max(1, this.#planned - this.#atStart));
    const elapsedMs = performance.now() - this.#startedAt;
    // The plan's estimate knows the start-up times, the pace knows the machine; trust moves from the one to the other.
    const byPaceMs = share === 0 ? 0 : elapsedMs / share;
    return { share, totalMs: share * byPaceMs + (1 - share) * this.#estimatedMs };
  }
}

/** `45 s`, `12 min`, `2 h 05 min`. */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100
    ? `${minutes} min`
    : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
