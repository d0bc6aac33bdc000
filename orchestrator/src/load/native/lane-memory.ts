import { type Columns, columnsByteLength, columnsOver, createColumns } from './columns.js';

// Words of LaneMemory.control.
/** 0 until the trial starts; the pacer waits on it. */
export const START = 0;
/** Index + 1 of the connection that the pacer is writing to, 0 when it is not. */
export const WRITING = 1;
/** 1 when the pacer has sent or handed on every row. */
export const PACED = 2;
/** Never changes: what the pacer waits on to sleep. */
export const SLEEP = 3;
const CONTROL_WORDS = 4;

// Words of LaneMemory.clock, all in µs of the host's monotonic clock or of CPU time.
/** The trial's start, against which intended times count. */
export const STARTED_AT = 0;
const CLOCK_WORDS = 1;

/** The buffers that a lane's two threads share: plain data, so that it can be sent to them. */
export interface LaneBuffers {
  readonly control: SharedArrayBuffer;
  readonly clock: SharedArrayBuffer;
  readonly columns: SharedArrayBuffer;
  readonly rows: number;
  /** Free connections, a bit each; rows under way and file descriptors, a word each. */
  readonly free: SharedArrayBuffer;
  readonly rowOf: SharedArrayBuffer;
  readonly fdOf: SharedArrayBuffer;
  /** 1 where the kernel took only a part of what the pacer wrote and the rest is not taken over yet, a word each. */
  readonly cut: SharedArrayBuffer;
}

/** {@link LaneBuffers} as the threads use them. */
export interface LaneMemory {
  readonly control: Int32Array;
  readonly clock: Float64Array;
  readonly columns: Columns;
  readonly free: Int32Array;
  readonly rowOf: Int32Array;
  readonly fdOf: Int32Array;
  readonly cut: Int32Array;
}

/**
 * Room for a lane's requests, with their intended times filled in, and the kind of each: whoever sends a request only looks there.
 * @param kindOf as long as `intendedUs`
 */
export function createLaneBuffers(intendedUs: Float64Array, kindOf: Uint16Array, maxConnections: number): LaneBuffers {
  const rows = intendedUs.length;
  const columns = createColumns(rows, true);
  columns.intendedUs.set(intendedUs);
  columns.kind.set(kindOf);
  return {
    control: new SharedArrayBuffer(CONTROL_WORDS * 4),
    clock: new SharedArrayBuffer(CLOCK_WORDS * 8),
    columns: columns.intendedUs.buffer as unknown as SharedArrayBuffer,
    rows,
    free: new SharedArrayBuffer(Math.ceil(maxConnections / 32) * 4),
    rowOf: new SharedArrayBuffer(maxConnections * 4),
    fdOf: new SharedArrayBuffer(maxConnections * 4),
    cut: new SharedArrayBuffer(maxConnections * 4),
  };
}

/** Lays the views over the buffers, in whichever thread. */
export function openLaneMemory(buffers: LaneBuffers): LaneMemory {
  if (buffers.columns.byteLength < columnsByteLength(buffers.rows))
    throw new RangeError('columns shorter than their rows');
  return {
    control: new Int32Array(buffers.control),
    clock: new Float64Array(buffers.clock),
    columns: columnsOver(buffers.columns, buffers.rows),
    free: new Int32Array(buffers.free),
    rowOf: new Int32Array(buffers.rowOf),
    fdOf: new Int32Array(buffers.fdOf),
    cut: new Int32Array(buffers.cut),
  };
}

/**
 * Takes the free connection of the lowest index, so that a light load stays on few, warm connections; -1 when there is none.
 * Several threads may claim at once: only one gets each bit.
 */
export function claimFree(free: Int32Array): number {
  for (let word = 0; word < free.length; word++) {
    let bits = Atomics.load(free, word);
    while (bits !== 0) {
      const bit = bits & -bits;
      if ((Atomics.and(free, word, ~bit) & bit) !== 0) return word * 32 + (31 - Math.clz32(bit));
      bits = Atomics.load(free, word);
    }
  }
  return -1;
}

/** Gives a connection back. */
export function setFree(free: Int32Array, index: number): void {
  Atomics.or(free, index >> 5, 1 << (index & 31));
}

/** Takes one particular connection; whether it was free. */
export function claimOne(free: Int32Array, index: number): boolean {
  const bit = 1 << (index & 31);
  return (Atomics.and(free, index >> 5, ~bit) & bit) !== 0;
}
