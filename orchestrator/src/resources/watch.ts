import { setTimeout as sleep } from 'node:timers/promises';

/** Something that is looked at again and again. */
export interface Watch {
  /**
   * Looks a last time.
   * @throws what a look threw: told here and not before
   */
  stop(): Promise<void>;
}

/** Looks now, from then on every so many milliseconds, and at the stop; one look at a time, so that a slow one makes them fewer and never a queue. */
export function startWatch(intervalMs: number, look: () => Promise<void>): Watch {
  const stopped = new AbortController();
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      await look();
      await sleep(intervalMs, undefined, { signal: stopped.signal }).catch(() => {});
    }
    await look();
  })();
  // Told by stop, which may be minutes away; until then nobody waits for it, and that would end the whole program.
  watching.catch(() => undefined);
  return {
    async stop() {
      stopped.abort();
      await watching;
    },
  };
}
