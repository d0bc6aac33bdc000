/**
 * How long somebody or something thinks between two turns: log-normal about this median with a standard deviation of 1 on the natural
 * logarithm, and never more than {@link LONGEST_PAUSE} medians.
 */
export interface Pause {
  readonly medianMs: number;
}

/** What sessions do between their requests. */
export interface SessionRhythm {
  /** Behind the answer to each kind of request but the last. */
  readonly pauses: readonly Pause[];
}

/** Pauses are cut there, so that it is known how long ago a session that is still open may have begun. */
export const LONGEST_PAUSE = 4;
