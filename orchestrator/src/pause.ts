import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits so many milliseconds. Node's own sleep rejects with an AbortError of its own, which nobody takes for the interruption that it is.
 * @throws the signal's reason as soon as it is aborted
 */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown;
  }
}
