/** How a load is made where nothing is said; a run directory that does not name one of these was made so. */
export const LOAD_DEFAULTS = {
  arrivals: 'constant',
  pacing: 'wait',
  connections: 'keep-alive',
  shape: 'flat',
} as const;

/** Seconds after which a request has failed, where nothing is said: in a run, and in the windows of a search for capacity. */
export const TIMEOUT_SECONDS = { run: 30, search: 10 } as const;
