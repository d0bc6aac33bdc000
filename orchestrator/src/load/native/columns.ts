/** What became of a request; the number is what the column holds. `pending` is never in a finished trial. */
export const OUTCOMES = [
  'pending',
  'ok',
  'connect',
  'reset',
  'timeout',
  'status',
  'malformed',
  'truncated',
  'content',
  'stream-error',
  'open',
  'other',
  'dropped',
  'exhausted',
  'left',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The number of an outcome in the column. */
export function outcomeCode(outcome: Outcome): number {
  return OUTCOMES.indexOf(outcome);
}

/** A moment that did not come: no byte, no token, never sent. */
export const ABSENT = 0xffffffff;

/**
 * One row a request. Moments are whole microseconds after the row's intended time (71 minutes fit), {@link ABSENT} where the moment
 * did not come; the intended time counts from the trial's start and keeps its fraction.
 */
export interface Columns {
  readonly capacity: number;
  readonly intendedUs: Float64Array;
  /** Just before the request's first byte is handed to the kernel. */
  readonly sentUs: Uint32Array;
  /**
   * When it began to wait for a connection because none was free: until then whatever passed is the driver's own lateness, from then to
   * the sending the target's. {@link ABSENT} when one was there.
   */
  readonly waitingUs: Uint32Array;
  /** How long the connection that was opened for it took to open; {@link ABSENT} when none was. */
  readonly connectUs: Uint32Array;
  /** When the read that brought the first byte of the answer was seen. */
  readonly firstByteUs: Uint32Array;
  /** The first frame of a stream, whether it bears content or not: chat opens with the role alone, others with several such frames. */
  readonly firstFrameUs: Uint32Array;
  /** The first content-bearing frame of a stream. */
  readonly firstTokenUs: Uint32Array;
  /** The end of a whole answer, whatever its status. */
  readonly lastByteUs: Uint32Array;
  /** When the request was decided: at its last byte, or when it failed or was given up. */
  readonly endUs: Uint32Array;
  /** The longest gap between two content-bearing frames; {@link ABSENT} with fewer than two. */
  readonly maxGapUs: Uint32Array;
  /** Bytes of the answer's body. */
  readonly bytes: Uint32Array;
  /** Server-sent events, the terminal one included. */
  readonly frames: Uint32Array;
  /** HTTP chunks with data, and reads from the socket that brought body bytes: how the frames were merged or split on the way. */
  readonly chunks: Uint32Array;
  readonly reads: Uint32Array;
  readonly status: Uint16Array;
  /** Index of the kind of request, by which it is sent and its answer is checked; known before it is sent. */
  readonly kind: Uint16Array;
  readonly outcome: Uint8Array;
  /** 1 where it was sent a second time, because the connection that it was first sent on turned out to be closed; `sentUs` is of the second. */
  readonly resent: Uint8Array;
}

/** The columns in the order in which they are laid out: widest first, so that each is aligned. */
export const COLUMN_TYPES = {
  intendedUs: Float64Array,
  sentUs: Uint32Array,
  waitingUs: Uint32Array,
  connectUs: Uint32Array,
  firstByteUs: Uint32Array,
  firstFrameUs: Uint32Array,
  firstTokenUs: Uint32Array,
  lastByteUs: Uint32Array,
  endUs: Uint32Array,
  maxGapUs: Uint32Array,
  bytes: Uint32Array,
  frames: Uint32Array,
  chunks: Uint32Array,
  reads: Uint32Array,
  status: Uint16Array,
  kind: Uint16Array,
  outcome: Uint8Array,
  resent: Uint8Array,
} as const;
export type ColumnName = keyof typeof COLUMN_TYPES;

/** The columns that hold moments and lengths of time. */
export const MOMENTS = [
  'sentUs',
  'waitingUs',
  'connectUs',
  'firstByteUs',
  'firstFrameUs',
  'firstTokenUs',
  'lastByteUs',
  'endUs',
  'maxGapUs',
] as const;

/** Bytes that the columns of so many rows take. */
export function columnsByteLength(capacity: number): number {
  return Object.values(COLUMN_TYPES).reduce((sum, type) => sum + type.BYTES_PER_ELEMENT * capacity, 0);
}

/** Lays the columns over a buffer (zeroed, or written by {@link columnsOver} elsewhere) from an offset that is a multiple of 8. */
export function columnsOver(buffer: ArrayBufferLike, capacity: number, byteOffset = 0): Columns {
  let at = byteOffset;
  const columns: Record<string, ArrayBufferView> = {};
  for (const [name, type] of Object.entries(COLUMN_TYPES)) {
    columns[name] = new type(buffer as ArrayBuffer, at, capacity);
    at += type.BYTES_PER_ELEMENT * capacity;
  }
  return { capacity, ...columns } as unknown as Columns;
}

/** New columns with no moment come and every outcome pending; over shared memory when threads write to them together. */
export function createColumns(capacity: number, shared: boolean): Columns {
  const length = columnsByteLength(capacity);
  const columns = columnsOver(shared ? new SharedArrayBuffer(length) : new ArrayBuffer(length), capacity);
  for (const name of MOMENTS) columns[name].fill(ABSENT);
  return columns;
}

/** The same rows with room for more: for a closed loop, whose number of requests nobody knows beforehand. */
export function grownColumns(columns: Columns, capacity: number): Columns {
  const grown = createColumns(capacity, false);
  for (const name of Object.keys(COLUMN_TYPES) as ColumnName[]) grown[name].set(columns[name]);
  return grown;
}

/** A moment as the column holds it. */
export function momentUs(elapsedUs: number): number {
  return elapsedUs <= 0 ? 0 : elapsedUs >= ABSENT ? ABSENT - 1 : Math.floor(elapsedUs);
}
