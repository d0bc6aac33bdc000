/** Whoever looks on while a run goes on. Nothing is sent to them while something is measured. */
export interface Onlooker {
  /** A load begins that lasts about so long: until its end nothing is sent, or in one of minutes ever so seldom. */
  windowBegins(lengthMs: number): void;
  windowEnds(): void;
  /**
   * Asked between two blocks: waits for as long as the run is to rest.
   * @returns how long it did, ms
   * @throws the signal's reason
   */
  rest(signal: AbortSignal): Promise<number>;
}

/** Makes a load that lasts about so long, ms; while it is made nothing is sent to those who look on. */
export async function inWindow<Of>(
  onlooker: Onlooker | undefined,
  lengthMs: number,
  load: () => Promise<Of>,
): Promise<Of> {
  onlooker?.windowBegins(lengthMs);
  try {
    return await load();
  } finally {
    onlooker?.windowEnds();
  }
}
