import { notServed } from '../catalogue/served.js';
import type { Plan } from '../plan/plan.js';
import { cellKey } from '../record/cell.js';
import type { Reason } from '../record/reason.js';
import type { TrialFile, TrialRecord } from '../record/trial.js';
import { Hopeless } from './hopeless.js';
import { type SecondChances, secondChances } from './second-chances.js';
import type { Stage } from './stage.js';
import { unmeasured } from './trial.js';
import { type Turn, withoutOtherSide } from './turn.js';

/** What became of every trial so far, those of an interrupted run included: kept, and asked what need not be measured. */
export class Outcomes {
  readonly #plan: Plan;
  readonly #stage: Stage;
  readonly #hopeless = new Hopeless();
  readonly #finished: ReadonlySet<string>;
  readonly #trials: TrialRecord[];

  constructor(plan: Plan, stage: Stage) {
    this.#plan = plan;
    this.#stage = stage;
    this.#finished = new Set(stage.finished.map((trial) => trialKey(trial.block, trial.replica, trial)));
    for (const trial of stage.finished) this.#hopeless.note(trial);
    this.#trials = [...stage.finished];
  }

  /** Writes a trial's record and takes it into account. @throws BenchError `disk-full` and the like */
  record(trial: TrialRecord): void {
    this.#hopeless.note(trial);
    this.#trials.push(trial);
    this.#stage.writer.appendTrial(trial);
    const { progress } = this.#stage;
    // Behind the plan each block says at its beginning what it and those after it will take.
    if (trial.state === 'void' && trial.block <= this.#plan.blocks.length) {
      const ahead = this.secondChances();
      progress.secondChances(ahead.trials, ahead.estimatedMs);
    }
    progress.trialDone(trial);
  }

  /** What is measured once more behind the plan, as far as its void trials are known. */
  secondChances(): SecondChances {
    return secondChances(this.#plan, this.#trials, this.#stage.secondChances);
  }

  /** What of these is still to be measured; what cannot or need not be is recorded with its reason. */
  open(turns: readonly Turn[]): Turn[] {
    return this.#withoutUnserved(this.#withoutImplied(turns).filter((turn) => !this.#isFinished(turn)));
  }

  /**
   * Records what is not measured because of a target: its own trials as failed, those of the other side of a pair as absent.
   * @param log what the target printed; null: nothing was kept
   */
  giveUp(remaining: readonly Turn[], target: string, reason: Reason, log: TrialFile | null = null): void {
    for (const id of remaining.flat())
      this.record(
        id.target === target
          ? unmeasured(id, 'failed', reason, log)
          : unmeasured(id, 'absent', withoutOtherSide(target)),
      );
  }

  /** Why a target need not be started again, or null. */
  neverReady(target: string): Reason | null {
    return this.#hopeless.neverReady(target);
  }

  /** Takes into account that a target did not get ready in a block. */
  noteNotReady(target: string, reason: Reason): void {
    this.#hopeless.noteNotReady(target, reason);
  }

  /** Without what is implied by lower levels, of a pair for both sides: one of them alone would compare nothing. */
  #withoutImplied(turns: readonly Turn[]): Turn[] {
    if (!this.#stage.skipHopeless) return [...turns];
    return turns.filter((turn) => {
      const implied = turn.map((id) => this.#hopeless.implied(id.target, id.scenario.name, id.level));
      if (implied.includes(null)) return true;
      if (!this.#isFinished(turn))
        for (const [i, id] of turn.entries()) this.record(unmeasured(id, 'skipped', implied[i] as Reason));
      return false;
    });
  }

  /** Without what a target does not offer: that is no failure of it, and nothing is started for it. */
  #withoutUnserved(turns: readonly Turn[]): Turn[] {
    return turns.filter((turn) => {
      const missing = turn.map(({ target, scenario }) =>
        notServed(scenario, this.#stage.targets.get(target)?.service.serves),
      );
      const [lacking] = turn.filter((_id, i) => missing[i] !== null);
      if (lacking === undefined) return true;
      for (const [i, id] of turn.entries()) {
        const kind = missing[i] ?? null;
        const message = `not offered: ${kind} (x-bench.serves of its entry does not list it)`;
        const reason = kind === null ? withoutOtherSide(lacking.target) : { code: 'not-offered', message };
        this.record(unmeasured(id, 'absent', reason));
      }
      return false;
    });
  }

  /** Of a pair both sides are, or neither: one alone is not read back. */
  #isFinished(turn: Turn): boolean {
    return turn.every((id) =>
      this.#finished.has(trialKey(id.block, id.replica, { ...id, scenario: id.scenario.name })),
    );
  }
}

function trialKey(block: number, replica: number, cell: Parameters<typeof cellKey>[0]): string {
  return `${block}/${replica}/${cellKey(cell)}`;
}
