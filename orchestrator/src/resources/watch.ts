import { setTimeout as sleep } from 'node:timers/promises';

/** Something that is looked at again and again. */
export interface Watch {
  /**
   * From here on looks at these moments in place of each interval, and at no other until the stop. One that comes while a look is taken is
   * made up for behind it, those that were missed together are one.
   * @param momentsMs of `performance.now()`, ascending
   */
  follow(momentsMs: readonly number[]): void;
  /**
   * Looks a last time.
   * @throws what a look threw: told here and not before
   */
  stop(): Promise<void>;
}

/** Looks now, from then on every so many milliseconds, and at the stop; one look at a time, so that a slow one makes them fewer and never a queue. */
export function startWatch(intervalMs: number, look: () => Promise<void>): Watch {
  // Of its own object: it is set while the loop below waits, which the compiler does not see of a variable.
  const followed: { moments: readonly number[] | null } = { moments: null };
  let isStopped = false;
  /** Ends the sleep between two looks. */
  let waking = new AbortController();
  const wake = (): void => waking.abort();
  const watching = (async () => {
    await look();
    for (;;) {
      const { moments } = followed;
      const nextMs = moments === null ? performance.now() + intervalMs : (moments[0] ?? Number.POSITIVE_INFINITY);
      await sleepUntil(nextMs, waking.signal);
      if (isStopped) break;
      waking = new AbortController();
      const nowMs = performance.now();
      // Woken for other moments than were waited for.
      if (nowMs < nextMs) continue;
      followed.moments = moments?.filter((atMs) => atMs > nowMs) ?? null;
      await look();
    }
    await look();
  })();
  // Told by stop, which may be minutes away; until then nobody waits for it, and that would end the whole program.
  watching.catch(() => undefined);
  return {
    follow(momentsMs) {
      followed.moments = momentsMs;
      wake();
    },
    async stop() {
      isStopped = true;
      wake();
      await watching;
    },
  };
}

/** Longer than Node's timers can be set for is until somebody wakes it. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;

async function sleepUntil(atMs: number, signal: AbortSignal): Promise<void> {
  // A timer may fire a fraction of a millisecond early.
  const leftMs = Math.ceil(Math.max(0, atMs - performance.now()));
  await sleep(Math.min(LONGEST_SLEEP_MS, leftMs), undefined, { signal }).catch(() => {});
}
