import { wideIntervals } from '../analyse/precision.js';
import { formatDuration } from './pace.js';
import type { PrecisionRecord } from '../record/manifest.js';
import type { Summary } from '../record/summary.js';
import type { UntilEnough } from '../execute/stage.js';

/** How precise a run shall be, and what it may cost at most. */
export interface PrecisionGoal {
  /** Half-width of the interval over the overhead, for example 0.05. */
  readonly share: number;
  readonly maxBlocks: number;
  /** Null: as long as it takes. */
  readonly budgetMs: number | null;
}

/** Decides after each block whether a run knows enough, and remembers why it ended. */
export class UntilPrecise implements UntilEnough {
  readonly #asked: PrecisionGoal;
  readonly #leastBlocks: number;
  readonly #judge: () => Summary;
  readonly #tell: (line: string) => void;
  #startedMs: number;
  readonly #now: () => number;
  #blockStartedMs: number;
  #longestMs = 0;
  #advised = false;
  #endedBy: PrecisionRecord['endedBy'] = 'open';

  /**
   * @param leastBlocks before so many, an interval that happens to be narrow is luck
   * @param judge the run as it stands
   */
  constructor(
    asked: PrecisionGoal,
    leastBlocks: number,
    judge: () => Summary,
    tell: (line: string) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#asked = asked;
    this.#leastBlocks = leastBlocks;
    this.#judge = judge;
    this.#tell = tell;
    this.#now = now;
    this.#startedMs = now();
    this.#blockStartedMs = this.#startedMs;
  }

  /** Whether no further block is wanted behind this one: precise enough, or the next might not end within the budget. */
  isEnough(block: number): boolean {
    const now = this.#now();
    this.#longestMs = Math.max(this.#longestMs, now - this.#blockStartedMs);
    this.#blockStartedMs = now;
    if (block >= this.#leastBlocks) {
      const summary = this.#judge();
      const wide = wideIntervals(summary, this.#asked.share);
      if (wide.length === 0) return this.#end('reached');
      this.#tell(`block ${block}: ${wide.length} overhead intervals are still wider than asked for`);
      this.#adviseOnce(summary);
    }
    if (block >= this.#asked.maxBlocks) return this.#end('blocks');
    if (this.hasRoom()) return false;
    this.#tell(`the budget of ${formatDuration(this.#asked.budgetMs ?? 0)} leaves no room for another block`);
    return this.#end('budget');
  }

  /** Whether another block, as long as the longest so far, would end within the budget. */
  hasRoom(): boolean {
    const { budgetMs } = this.#asked;
    return budgetMs === null || this.#now() - this.#startedMs + this.#longestMs <= budgetMs;
  }

  /** A rest that somebody wants is neither the budget's nor a block's. */
  rested(ms: number): void {
    this.#startedMs += ms;
    this.#blockStartedMs += ms;
  }

  /** What the manifest keeps of it. */
  record(): PrecisionRecord {
    return { ...this.#asked, endedBy: this.#endedBy };
  }

  /** Blocks of a run are alike, so that another split of its time is for the next run; it is said while there is time to begin that. */
  #adviseOnce({ findings }: Summary): void {
    const split = findings.find(({ code }) => code === 'best-split');
    if (this.#advised || split === undefined) return;
    this.#advised = true;
    this.#tell(split.message);
  }

  #end(by: PrecisionRecord['endedBy']): boolean {
    this.#endedBy = by;
    return true;
  }
}
