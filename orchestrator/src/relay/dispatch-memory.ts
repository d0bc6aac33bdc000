/** Requests that are remembered; the oldest are overwritten. */
export const CAPACITY = 1 << 18;

/** Element of `control` that grows with every request handed over; the holding thread waits on it. */
export const HANDED_OVER = 0;

// A slot's state. Whoever moves it on from PENDING owns the descriptor until it moves it on again.
export const PENDING = 1;
export const WRITING = 2;
export const WRITTEN = 3;
export const CANCELLED = 4;

/** Memory that the relay's two threads share: one slot a request, by its number modulo {@link CAPACITY}. */
export interface DispatchBuffers {
  readonly control: SharedArrayBuffer;
  readonly state: SharedArrayBuffer;
  readonly passedOnUs: SharedArrayBuffer;
}

/** The shared memory by which a relay and its holding thread hand requests to each other. */
export interface DispatchMemory {
  readonly control: Int32Array;
  readonly state: Int32Array;
  /** Moment at which the request was passed on, on the host's monotonic clock; NaN when it never was. */
  readonly passedOnUs: Float64Array;
}

/** Memory for all slots, each free. */
export function makeDispatchBuffers(): DispatchBuffers {
  return {
    control: new SharedArrayBuffer(4),
    state: new SharedArrayBuffer(4 * CAPACITY),
    passedOnUs: new SharedArrayBuffer(8 * CAPACITY),
  };
}

/** The same memory as either thread sees it. */
export function openDispatchMemory(buffers: DispatchBuffers): DispatchMemory {
  return {
    control: new Int32Array(buffers.control),
    state: new Int32Array(buffers.state),
    passedOnUs: new Float64Array(buffers.passedOnUs),
  };
}

/** A request that is to be held. */
export interface HeldRequest {
  readonly slot: number;
  readonly dueUs: number;
  readonly descriptor: number;
  readonly bytes: Uint8Array;
}

/** What the kernel did not take at once: the rest goes by the stream. -1: nothing, the connection is gone. */
export interface PartlyWritten {
  readonly slot: number;
  readonly written: number;
}
