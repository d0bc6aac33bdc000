/** One request as it came, its body decompressed. */
export interface Delivery {
  readonly path: string;
  /** Without parameters, in small letters; empty when there was none. */
  readonly contentType: string;
  readonly body: Buffer;
}

/** What is answered, with status 200. */
export interface Answer {
  readonly contentType: string;
  readonly body: string;
}

/** Figures by name, as they are told. */
export interface Counts {
  readonly [name: string]: number | Counts;
}

/** What a kind of sink makes of what it is sent. */
export interface Sink {
  /**
   * Takes one delivery in and answers it.
   * @returns null where nothing is served at that path
   * @throws SinkFault when the body is not what belongs there
   */
  take(delivery: Delivery): Answer | null;
  /** Of all that was taken since the last {@link reset}. */
  counts(): Counts;
  reset(): void;
}

/** A body that is not what its path and type promise. */
export class SinkFault extends Error {
  override readonly name = 'SinkFault';
}
