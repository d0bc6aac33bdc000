import { groupBy } from '../../grouping.js';
import { ABSENT, OUTCOMES, type Outcome } from './columns.js';
import type { ColumnFile } from './column-file.js';
import { requestId } from './request-template.js';

/** What the driver saw of one request; moments in microseconds of the monotonic clock, null where the moment did not come. */
export interface ClientRow {
  readonly id: string;
  /** Index of its kind in the trial's table of requests. */
  readonly kind: number;
  /** Whether it was due in the measured window; those of the warm-up are known, and nothing more. */
  readonly measured: boolean;
  readonly outcome: Outcome;
  readonly intendedUs: number;
  /** The same from the trial's start, by which the requests of several clocks lie side by side. */
  readonly dueUs: number;
  readonly sentUs: number | null;
  readonly firstByteUs: number | null;
  /** Streams: the first frame, and the first that bears content. */
  readonly firstFrameUs: number | null;
  readonly firstTokenUs: number | null;
  readonly lastByteUs: number | null;
  /** When the request was decided, whatever became of it. */
  readonly endUs: number | null;
  readonly frames: number;
  /** Whether the driver sent it twice, see `stale-connection` in docs/native-driver.md. */
  readonly resent: boolean;
  /** When the driver had done its part: had sent it, or begun to wait for a connection. */
  readonly begunUs: number | null;
}

/** What the mock saw of one request that reached it; moments in microseconds of its host's monotonic clock. */
export interface LedgerRow {
  readonly id: string;
  /** First byte of the request. */
  readonly arrivedUs: number;
  /** When all of it had come: from here on the mock holds it, until then whoever sends it does. */
  readonly arrivedWholeUs: number;
  /** First and last byte of the answer handed to the kernel; null when none was. */
  readonly firstByteUs: number | null;
  readonly lastByteUs: number | null;
  /** When the mock was done with it: its last byte, or the moment it saw that the client had gone; null while it is not. */
  readonly endUs: number | null;
  readonly frames: number;
  /** HTTP status that was sent; null when none was. */
  readonly status: number | null;
  readonly end: 'open' | 'complete' | 'aborted' | 'fault';
  /** The fault that the mock played; null when none. */
  readonly fault: string | null;
  /** Which of the mock's connections brought it. */
  readonly connection: string;
  /** Which provider was asked, of those that the mock plays. */
  readonly provider: string;
  /** The phase of the mock's timeline in which it came; null when none lasted. */
  readonly phase: string | null;
}

/** Where the time of one request went: what was not the mock's was the gateway's, and the network's between. */
export interface RequestOverhead {
  readonly id: string;
  readonly kind: number;
  /** When it was due, from the trial's start. */
  readonly dueUs: number;
  /** Its whole time from sending, or from the beginning of the wait for a connection, to the last byte, less the time that the mock held it: from the moment at which it had all of it to its last byte. */
  readonly overheadUs: number;
  /** Sending to arrival at the mock; the mock's last byte to the client's. Their sum is the overhead. Null without a shared clock. */
  readonly requestPathUs: number | null;
  readonly responsePathUs: number | null;
  /**
   * Streams: time to the first frame, less the mock's own time to its first byte, which is that frame. Null where the gateway sent a frame
   * of its own before that. Not the first token: that comes
   * frames later, which the mock paces and does not write down one by one.
   */
  readonly addedFirstFrameUs: number | null;
  /** Streams: how much longer (or, lumped, shorter) the frames took from first to last, a frame. */
  readonly addedGapUs: number | null;
}

/** A request that was given up by the client, and what the mock knew of it. */
interface AbortedRequest {
  readonly id: string;
  /** Whether the mock saw it before it had answered to the end. */
  readonly passedOn: boolean;
  /** From the client's giving up to the mock's seeing it; null when it did not, and without a shared clock. */
  readonly passedOnUs: number | null;
  /** Frames that the mock produced and the client never had. */
  readonly wastedFrames: number;
}

/**
 * A stream that the mock paced and that arrived in a lump. By its first token: a gateway that holds a stream back may have sent the
 * opening frame itself, at once.
 */
interface BufferedStream {
  readonly id: string;
  /** First to last byte at the mock, and first token to last byte at the client. */
  readonly providerSpanUs: number;
  readonly clientSpanUs: number;
}

/** What driver and ledger say together. */
export interface LedgerJoin {
  /** Complete answers that reached the mock exactly once. */
  readonly overheads: readonly RequestOverhead[];
  /** Requests that were sent and never reached the mock, whatever the client was told. */
  readonly missing: Found;
  /** Requests that reached the mock more than once, with how often: retries, or answers bought twice. */
  readonly repeated: readonly { readonly id: string; readonly times: number }[];
  /** Ids of this trial in the ledger that the driver never sent. */
  readonly strange: Found;
  readonly aborts: readonly AbortedRequest[];
  readonly buffered: readonly BufferedStream[];
  /** Connections that the gateway used to the mock for the requests of the window. */
  readonly upstreamConnections: number;
}

/** How many requests, and the ids of the first few: of millions of them nobody wants a list. */
export interface Found {
  readonly count: number;
  readonly examples: readonly string[];
}

const MAX_EXAMPLES = 5;

/** A stream this short cannot tell a lump from haste. */
const MIN_SPAN_US = 5000;

/**
 * Joins the driver's requests with the mock's ledger by id and tells for each where its time went. No quantiles are subtracted:
 * every difference is of one request. Failed requests have no overhead; requests that reached the mock twice have none either,
 * because nobody can say which attempt was answered.
 * @param rows all of a trial's, once each; only those that the ledger has are kept
 * @param sharedClock whether the moments of both are of one clock; when they are not, only sums within each clock are given
 */
export function joinLedger(rows: Iterable<ClientRow>, ledger: readonly LedgerRow[], sharedClock: boolean): LedgerJoin {
  const attempts = groupBy(ledger, ({ id }) => id);
  const pairs: [ClientRow, LedgerRow][] = [];
  const missing = new Finds();
  const repeated: { id: string; times: number }[] = [];
  const connections = new Set<string>();
  for (const row of rows) {
    const known = attempts.get(row.id) ?? [];
    attempts.delete(row.id);
    if (!row.measured) continue;
    for (const { connection } of known) connections.add(connection);
    const [first, ...more] = known;
    if (first === undefined) {
      // Who left may have been gone before the target passed anything on.
      if (row.sentUs !== null && row.outcome !== 'left') missing.add(row.id);
    } else if (more.length > 0) {
      // What the driver itself sent twice is no repeating of the gateway's.
      if (!row.resent || more.length > 1) repeated.push({ id: row.id, times: more.length + 1 });
    } else {
      pairs.push([row, first]);
    }
  }
  const strange = new Finds();
  for (const id of attempts.keys()) strange.add(id);
  const complete = pairs.filter(([row, held]) => row.outcome === 'ok' && held.end === 'complete');
  return {
    overheads: complete.flatMap(([row, held]) => overheadOf(row, held, sharedClock) ?? []),
    missing,
    repeated,
    strange,
    aborts: pairs.flatMap(([row, held]) => (isGivenUp(row) ? abortOf(row, held, sharedClock) : [])),
    buffered: complete.flatMap(([row, held]) => bufferedStream(row, held) ?? []),
    upstreamConnections: connections.size,
  };
}

class Finds implements Found {
  count = 0;
  readonly examples: string[] = [];

  add(id: string): void {
    this.count += 1;
    if (this.examples.length < MAX_EXAMPLES) this.examples.push(id);
  }
}

/** The requests of a trial's file in the form in which they are joined. */
export function* clientRows({ header, columns, counter }: ColumnFile): Generator<ClientRow> {
  const starts = (header.agents ?? [header]).map(({ startedAtUs }) => startedAtUs);
  for (let row = 0; row < header.rows; row++) {
    const intended = columns.intendedUs[row] as number;
    const intendedUs = (starts[(counter[row] as number) % starts.length] as number) + intended;
    const moment = (offset: number | undefined) =>
      offset === undefined || offset === ABSENT ? null : intendedUs + offset;
    yield {
      id: requestId(header.idPrefix, counter[row] as number),
      kind: columns.kind[row] as number,
      measured: intended >= header.warmupUs,
      outcome: OUTCOMES[columns.outcome[row] as number] ?? 'other',
      intendedUs,
      dueUs: intended,
      sentUs: moment(columns.sentUs[row]),
      firstByteUs: moment(columns.firstByteUs[row]),
      firstFrameUs: moment(columns.firstFrameUs[row]),
      firstTokenUs: moment(columns.firstTokenUs[row]),
      lastByteUs: moment(columns.lastByteUs[row]),
      endUs: moment(columns.endUs[row]),
      frames: columns.frames[row] as number,
      resent: columns.resent[row] === 1,
      begunUs: moment(Math.min(columns.sentUs[row] as number, columns.waitingUs[row] as number)),
    };
  }
}

function overheadOf(row: ClientRow, held: LedgerRow, sharedClock: boolean): RequestOverhead | null {
  const { begunUs } = row;
  if (begunUs === null || row.lastByteUs === null || held.lastByteUs === null) return null;
  const frame = row.firstFrameUs;
  const first = held.firstByteUs;
  const gaps = Math.max(1, held.frames - 1);
  // Both moments are of one clock, and the mock's is taken before it writes: a frame that came earlier was the gateway's own (a ping, a
  // role, a filter's result), and when the provider's first one came is not known.
  const ownFrame = sharedClock && frame !== null && first !== null && frame < first;
  const streamed = frame !== null && first !== null && !ownFrame;
  return {
    id: row.id,
    kind: row.kind,
    dueUs: row.dueUs,
    overheadUs: row.lastByteUs - begunUs - (held.lastByteUs - held.arrivedWholeUs),
    requestPathUs: sharedClock ? held.arrivedWholeUs - begunUs : null,
    responsePathUs: sharedClock ? row.lastByteUs - held.lastByteUs : null,
    addedFirstFrameUs: streamed ? frame - begunUs - (first - held.arrivedWholeUs) : null,
    addedGapUs: streamed ? (row.lastByteUs - frame - (held.lastByteUs - first)) / gaps : null,
  };
}

function isGivenUp(row: ClientRow): boolean {
  return row.outcome === 'timeout' || row.outcome === 'open' || row.outcome === 'left';
}

function abortOf(row: ClientRow, held: LedgerRow, sharedClock: boolean): AbortedRequest {
  const seen = held.end === 'aborted';
  return {
    id: row.id,
    passedOn: seen,
    passedOnUs: seen && sharedClock && row.endUs !== null && held.endUs !== null ? held.endUs - row.endUs : null,
    wastedFrames: Math.max(0, held.frames - row.frames),
  };
}

/** Tokens that left the mock over some time and reached the client in less than half of it were held back on the way. */
function bufferedStream(row: ClientRow, held: LedgerRow): BufferedStream | null {
  if (row.firstTokenUs === null || row.lastByteUs === null || held.firstByteUs === null || held.lastByteUs === null) {
    return null;
  }
  const providerSpanUs = held.lastByteUs - held.firstByteUs;
  const clientSpanUs = row.lastByteUs - row.firstTokenUs;
  const lumped = providerSpanUs >= MIN_SPAN_US && clientSpanUs < providerSpanUs / 2;
  return lumped ? { id: row.id, providerSpanUs, clientSpanUs } : null;
}
