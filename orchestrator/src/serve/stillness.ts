/** Windows of less are waited out; in a longer one, as a soak's, viewers are told something each {@link BREATH_MS}. */
export const LONG_WINDOW_MS = 60_000;
const BREATH_MS = 10_000;

/** What was done within windows, ms: worked, of the windows' own length. */
export interface WorkedWithin {
  readonly workedMs: number;
  readonly ofMs: number;
}

/** Knows whether a window is measured right now, holds up what can wait for its end, and counts what cannot. */
export class Stillness {
  readonly #release: () => void;
  #isMeasuring = false;
  #beganMs = 0;
  #endsAtMs = 0;
  #breath: NodeJS.Timeout | null = null;
  #waiting: (() => void)[] = [];
  #workedMs = 0;
  #ofMs = 0;

  /** @param release sends what has waited, besides those who wait in {@link still} */
  constructor(release: () => void) {
    this.#release = release;
  }

  get isMeasuring(): boolean {
    return this.#isMeasuring;
  }

  get within(): WorkedWithin {
    return { workedMs: this.#workedMs, ofMs: this.#ofMs };
  }

  /** Of the window that is measured, ms; 0 between windows. */
  get leftMs(): number {
    return this.#isMeasuring ? Math.max(0, this.#endsAtMs - performance.now()) : 0;
  }

  /** @param breathe done every ten seconds of a long window, before what waits is let go */
  windowBegins(lengthMs: number, breathe: () => void): void {
    this.#isMeasuring = true;
    this.#beganMs = performance.now();
    this.#endsAtMs = this.#beganMs + lengthMs;
    if (lengthMs < LONG_WINDOW_MS) return;
    this.#breath = setInterval(() => {
      this.work(() => {
        breathe();
        this.#letGo();
      });
    }, BREATH_MS).unref();
  }

  windowEnds(): void {
    this.close();
    this.#ofMs += performance.now() - this.#beganMs;
    this.#isMeasuring = false;
    this.#letGo();
  }

  /** Settles when nothing is measured, or a long window takes breath. */
  still(): Promise<void> {
    return this.#isMeasuring ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve();
  }

  /** Does something, and counts it if a window is measured. */
  work(what: () => void): void {
    const beganMs = performance.now();
    what();
    if (this.#isMeasuring) this.#workedMs += performance.now() - beganMs;
  }

  /** Ends the breaths of a long window. */
  close(): void {
    if (this.#breath !== null) clearInterval(this.#breath);
    this.#breath = null;
  }

  #letGo(): void {
    this.#release();
    for (const go of this.#waiting.splice(0)) go();
  }
}
