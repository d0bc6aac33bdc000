import type { SessionPlan } from './session-schedule.js';

/** A request that a session is to send. */
export interface DueTurn {
  readonly session: number;
  /** From 0; the kind of the request. */
  readonly turn: number;
  /** From the trial's start, microseconds. */
  readonly dueUs: number;
}

/** What became of the sessions of a trial. */
export interface SessionCounts {
  /** Those of which a request was sent. */
  readonly begun: number;
  /** Those whose last turn was answered. */
  readonly finished: number;
  /** Those that ended with a request that failed. */
  readonly cutShort: number;
}

/** The turns that sessions wait for, the earliest first. A session waits for one turn at a time, and for none while it has not been answered. */
export class SessionTurns {
  readonly #plan: SessionPlan;
  /** A binary heap by due time. */
  readonly #waiting: DueTurn[];
  readonly #sessionOf = new Map<number, DueTurn>();
  readonly #begun: Uint8Array;
  #finished = 0;
  #cutShort = 0;

  constructor(plan: SessionPlan) {
    this.#plan = plan;
    // Ascending by due time, which is a heap.
    this.#waiting = Array.from(plan.firstAtUs, (dueUs, session) => ({
      session,
      turn: plan.firstTurn[session] as number,
      dueUs,
    }));
    this.#begun = new Uint8Array(plan.firstAtUs.length);
  }

  /** When the next turn is due; infinite when none waits. */
  get nextDueUs(): number {
    return this.#waiting[0]?.dueUs ?? Number.POSITIVE_INFINITY;
  }

  /** Takes the earliest turn that is due by now; null when none is. */
  take(elapsedUs: number): DueTurn | null {
    const [first] = this.#waiting;
    if (first === undefined || first.dueUs > elapsedUs) return null;
    const last = this.#waiting.pop() as DueTurn;
    if (this.#waiting.length > 0) this.#sink(last);
    return first;
  }

  /** The turn goes as this row. */
  sent(row: number, due: DueTurn): void {
    this.#sessionOf.set(row, due);
    this.#begun[due.session] = 1;
  }

  /** The row is decided: what was answered is followed by the next turn behind its pause, and a session that failed goes home. */
  decided(row: number, isAnswered: boolean, elapsedUs: number): void {
    const due = this.#sessionOf.get(row);
    if (due === undefined) return;
    this.#sessionOf.delete(row);
    const { turns, pausesUs } = this.#plan;
    const { session, turn } = due;
    if (!isAnswered) this.#cutShort += 1;
    else if (turn === turns - 1) this.#finished += 1;
    else this.#add({ session, turn: turn + 1, dueUs: elapsedUs + (pausesUs[session * (turns - 1) + turn] as number) });
  }

  counts(): SessionCounts {
    return {
      begun: this.#begun.reduce((sum, one) => sum + one, 0),
      finished: this.#finished,
      cutShort: this.#cutShort,
    };
  }

  #add(due: DueTurn): void {
    const heap = this.#waiting;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if ((heap[above] as DueTurn).dueUs <= due.dueUs) break;
      heap[at] = heap[above] as DueTurn;
      at = above;
    }
    heap[at] = due;
  }

  /** Puts a turn in the place of the first, and down to where it belongs. */
  #sink(due: DueTurn): void {
    const heap = this.#waiting;
    let at = 0;
    for (let below = 1; below < heap.length; below = 2 * at + 1) {
      if (below + 1 < heap.length && (heap[below + 1] as DueTurn).dueUs < (heap[below] as DueTurn).dueUs) below += 1;
      if ((heap[below] as DueTurn).dueUs >= due.dueUs) break;
      heap[at] = heap[below] as DueTurn;
      at = below;
    }
    heap[at] = due;
  }
}
