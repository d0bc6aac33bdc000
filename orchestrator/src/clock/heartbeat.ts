import { monotonicUs } from './clock.js';

/** A time in which something did not run, microseconds of the monotonic clock or of whatever clock its holder says. */
export interface Stall {
  readonly fromUs: number;
  readonly lengthUs: number;
}

/** How often a loop says that it lives: fifty timers a second cost it a few hundred microseconds. */
const BEAT_MS = 20;

/** A beat later than this is a loop that did not run: longer than any turn of it that has work. */
const LEAST_STALL_US = 50_000;

/** Of a machine that stands still all the time, so many are kept. */
const MOST_KEPT = 1000;

/**
 * Notices when the event loop of its thread does not run: the process was stopped, waited for a CPU, or collected garbage. Whoever times
 * something in that loop cannot see that by itself, because its clock readings stand still as well.
 */
export class Heartbeat {
  readonly #stalls: Stall[] = [];
  readonly #timer: NodeJS.Timeout;
  #lastUs = monotonicUs();

  constructor() {
    this.#timer = setInterval(() => this.#beat(), BEAT_MS);
    this.#timer.unref();
  }

  /** Ends it; when the loop stood still, in the order of time, microseconds of the monotonic clock. */
  stop(): readonly Stall[] {
    clearInterval(this.#timer);
    this.#beat();
    return this.#stalls;
  }

  #beat(): void {
    const nowUs = monotonicUs();
    const dueUs = this.#lastUs + BEAT_MS * 1000;
    this.#lastUs = nowUs;
    if (nowUs - dueUs < LEAST_STALL_US || this.#stalls.length === MOST_KEPT) return;
    this.#stalls.push({ fromUs: dueUs, lengthUs: nowUs - dueUs });
  }
}
