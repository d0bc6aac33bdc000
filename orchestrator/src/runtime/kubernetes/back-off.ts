/** What the API server says when it has too much to do, restarts, or cannot reach its store; no other refusal gets better by asking again. */
const PASSING: readonly number[] = [429, 500, 502, 503, 504];

const FIRST_MS = 250;
const MOST_MS = 5000;

/** Whether a refusal (null: no answer at all) may be another one in a moment. */
export function isPassing(statusCode: number | null): boolean {
  return statusCode === null || PASSING.includes(statusCode);
}

/**
 * How long to wait before the next try, milliseconds: doubling from {@link FIRST_MS} to {@link MOST_MS}, and up to a half more, so that the
 * clients of a server that comes back do not all ask at once.
 * @param tries how many there were, from 1
 * @param askedMs what the server asks for; null: nothing
 * @param random from 0 to 1
 */
export function waitBefore(tries: number, askedMs: number | null, random: number): number {
  const own = Math.min(MOST_MS, FIRST_MS * 2 ** (tries - 1));
  return Math.max(askedMs ?? 0, own) * (1 + random / 2);
}
