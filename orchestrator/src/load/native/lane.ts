import { Buffer } from 'node:buffer';
import type { AnswerSpec, Verdict } from './answer.js';
import { monotonicUs } from '../../clock/clock.js';
import { OWN_WANTS } from '../../record/exhaustion.js';
import { ConnectionPool } from './connection-pool.js';
import { FrameMemory } from './frame-memory.js';
import { type ConnectionOwner, LaneConnection } from './lane-connection.js';
import { type LaneMemory, openLaneMemory, PACED } from './lane-memory.js';
import type { Handover, LaneKind, ReaderReport, ReaderTask } from './lane-task.js';
import { leaves } from './leaving.js';
import { OpeningPace } from './opening-pace.js';
import { RequestWriter } from './request-writer.js';
import { RowBook } from './row-book.js';
import { RowQueue } from './row-queue.js';
import { SessionTurns } from './session-turns.js';

/** A stream of a closed loop whose request failed waits so long before the next, lest a dead target be asked in a hot loop. */
const RETRY_PAUSE_MS = 10;

/** As much as one read takes; more than any answer of a benchmark but the largest. */
const READ_BUFFER_BYTES = 256 * 1024;

/**
 * The requests of a lane on their way over its connections. Each row is decided exactly once: by its answer, by a failure of its
 * connection, by its timeout, or at the end of the trial.
 */
export class Lane implements ConnectionOwner {
  readonly readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  readonly reuse: boolean;
  readonly #task: ReaderTask;
  readonly #memory: LaneMemory;
  /** By kind. */
  readonly #specs: readonly AnswerSpec[];
  readonly #book: RowBook;
  readonly #pool: ConnectionPool;
  readonly #writer: RequestWriter;
  /** Rows that wait for a connection, and those that wait for one that nothing was sent on yet. */
  readonly #queue = new RowQueue();
  readonly #again = new RowQueue();
  readonly #sessions: SessionTurns | null;
  #closing = false;
  /** Told when another turn of a session waits, which may be due before all others. */
  onTurn: () => void = () => {};

  constructor(task: ReaderTask) {
    this.#task = task;
    this.reuse = task.reuse;
    this.#memory = openLaneMemory(task.buffers);
    this.#specs = answerSpecs(task.kinds);
    this.#book = new RowBook(task, this.#memory.columns);
    this.#writer = new RequestWriter(task, this.#memory, (row) => this.#book.kindOf(row));
    this.#sessions = task.sessions === null ? null : new SessionTurns(task.sessions);
    const { host, port, tlsName } = task;
    const open = (index: number): LaneConnection =>
      new LaneConnection(index, this, this.#specs[0] as AnswerSpec, { host, port, tlsName });
    const pace = new OpeningPace(task.openPerSecond ?? Number.POSITIVE_INFINITY);
    this.#pool = new ConnectionPool(task.maxConnections, this.#memory, open, pace);
  }

  /** Rows that were given out, in a closed loop those so far. */
  get rows(): number {
    return this.#book.rows;
  }

  get allDecided(): boolean {
    return this.#book.allDecided && (this.#task.mode !== 'paced' || Atomics.load(this.#memory.control, PACED) === 1);
  }

  /** Opens so many connections before the load begins; done when each is open or has failed. */
  async openConnections(count: number, waitMs: number): Promise<void> {
    for (let i = 0; i < count; i++) this.#pool.open();
    const until = monotonicUs() + waitMs * 1000;
    while (this.#pool.opening > 0 && monotonicUs() < until) await new Promise((resolve) => setTimeout(resolve, 2));
  }

  /** The trial has begun at this moment of the monotonic clock. */
  start(startedAtUs: number): void {
    this.#book.start(startedAtUs);
  }

  /** Spin: sends every row from `next` on that is due; returns the next one that is not. */
  sendDue(next: number): number {
    let row = next;
    while (row < this.#book.rows && this.#book.isDue(row)) this.send(row++);
    return row;
  }

  /** Closed loop: begins another request now, unless the window has ended. */
  sendNext(): void {
    const row = this.#book.append();
    if (row >= 0) this.send(row);
  }

  /** Sessions: when the next turn is due, microseconds of the monotonic clock, infinite when none waits. */
  get nextTurnUs(): number {
    return this.#book.startedAtUs + (this.#sessions?.nextDueUs ?? Number.POSITIVE_INFINITY);
  }

  /** Sessions: sends every turn that is due; returns when the next one is, microseconds of the monotonic clock, infinite when none waits. */
  sendTurns(): number {
    const sessions = this.#sessions as SessionTurns;
    for (;;) {
      const due = sessions.take(this.#book.elapsedUs());
      if (due === null) return this.#book.startedAtUs + sessions.nextDueUs;
      const row = this.#book.appendDue(due.dueUs, due.turn);
      if (row < 0) continue;
      sessions.sent(row, due);
      this.send(row);
    }
  }

  /** Sends a row on a free connection, or lets it wait for one. */
  send(row: number): void {
    const connection = this.#pool.claim();
    if (connection !== undefined) return this.#sendOn(connection, row);
    this.#book.waits(row);
    this.#queue.add(row);
    this.#openForWaiting();
  }

  /** A row that the pacing thread could not send, or not whole. */
  takeOver([row, index, written]: Handover): void {
    if (index < 0) return this.send(row);
    const connection = this.#pool.at(index);
    // The row may be decided by now: its connection closed while the message was under way.
    if (connection === undefined || this.#memory.rowOf[index] !== row) return;
    this.#pool.handOverDone(connection);
    if (written < 0) connection.destroy();
    else this.#writer.writeRest(connection, row, written);
  }

  leavesNow(connection: LaneConnection): boolean {
    const { leaving } = this.#task;
    if (leaving === null || !('frame' in leaving.at) || connection.answer.frames < leaving.at.frame) return false;
    return leaves(leaving, this.#book.counterOf(this.rowOn(connection)));
  }

  /** Lets those leave whose time has come: of the requests under way; one that has not been sent yet has nothing to leave. */
  letLeave(): void {
    const { leaving } = this.#task;
    if (leaving === null || !('ms' in leaving.at)) return;
    this.#book.look();
    const latestUs = monotonicUs() - leaving.at.ms * 1000;
    for (const connection of this.#pool) {
      const row = this.rowOn(connection);
      if (row >= 0 && this.#book.dueUs(row) <= latestUs && leaves(leaving, this.#book.counterOf(row)))
        connection.leave();
    }
  }

  /** Fails what has waited longer than a request may. */
  expire(): void {
    this.#book.look();
    for (const connection of this.#pool) {
      const row = this.rowOn(connection);
      if (row < 0 || !this.#book.isOverdue(row)) continue;
      const seen = connection.parser.state === 'idle' ? 'no byte' : `${connection.answer.bytes} bytes`;
      this.onVerdict(connection, { outcome: 'timeout', message: `${seen} of the answer in time` }, false);
      connection.destroy();
    }
    for (const queue of [this.#queue, this.#again]) this.#expireWaiting(queue);
    // What the pace did not allow before may be opened by now.
    this.#openForWaiting();
  }

  #expireWaiting(queue: RowQueue): void {
    for (let row = queue.oldest; row !== undefined && this.#book.isOverdue(row); row = queue.oldest) {
      queue.take();
      const verdict: Verdict =
        this.#pool.opening > 0
          ? { outcome: 'connect', message: 'no connection in time' }
          : { outcome: 'dropped', message: `all ${this.#pool.count} connections busy` };
      this.#book.decide(row, verdict);
      this.#continue(row, verdict);
    }
  }

  /** Ends everything. */
  close(): Omit<ReaderReport, 'raisedPriority' | 'cpuUs' | 'runQueueWaitUs' | 'stalls'> {
    this.#closing = true;
    for (const connection of this.#pool) connection.destroy();
    return {
      ...this.#book.close(),
      sessions: this.#sessions?.counts() ?? null,
      connectionsOpened: this.#pool.opened,
      connectionsPeak: this.#pool.peak,
    };
  }

  rowOn(connection: LaneConnection): number {
    return this.#memory.rowOf[connection.index] as number;
  }

  onRead(): void {
    this.#book.look();
  }

  onConnected(connection: LaneConnection): void {
    this.#pool.connected(connection);
    const waiting = this.#again.take() ?? this.#queue.take();
    if (waiting === undefined) return this.#pool.giveBack(connection);
    this.#book.connected(waiting, connection.connectUs);
    this.#sendOn(connection, waiting);
  }

  /** One request pays for each connection that cannot be had: the one that has waited longest, as it is the one that asked. */
  onConnectFailed(_connection: LaneConnection, code: string): void {
    this.#pool.opening -= 1;
    const row = this.#closing ? undefined : (this.#again.take() ?? this.#queue.take());
    if (row === undefined) return;
    const want = OWN_WANTS[code];
    const verdict: Verdict =
      want === undefined
        ? { outcome: 'connect', message: code }
        : { outcome: 'exhausted', message: `${code}, ${want}` };
    this.#book.decide(row, verdict);
    this.#continue(row, verdict);
  }

  onFirstByte(connection: LaneConnection): void {
    const row = this.rowOn(connection);
    connection.answer.expect(this.#specs[this.#book.kindOf(row)] as AnswerSpec);
    this.#book.firstByte(row);
  }

  onFirstFrame(connection: LaneConnection): void {
    this.#book.firstFrame(this.rowOn(connection));
  }

  onToken(connection: LaneConnection): void {
    this.#book.token(this.rowOn(connection), connection);
  }

  onVerdict(connection: LaneConnection, verdict: Verdict, reusable: boolean): void {
    const row = this.rowOn(connection);
    this.#memory.rowOf[connection.index] = -1;
    if (this.#isStale(connection, row, verdict)) return this.#sendAgain(connection, row);
    connection.answers += 1;
    this.#book.read(row, connection);
    connection.reset();
    this.#book.decide(row, verdict);
    if (reusable) this.#giveBack(connection);
    this.#continue(row, verdict);
  }

  isSentWhole(connection: LaneConnection): boolean {
    return !connection.writing && this.#pool.isWrittenWhole(connection);
  }

  beforeClose(connection: LaneConnection): void {
    this.#pool.beforeClose(connection);
  }

  onClosed(connection: LaneConnection): void {
    this.#pool.closed(connection);
    this.#openForWaiting();
  }

  /**
   * Whether the connection was closed while the request was on its way, as a server may that has waited long enough for one (RFC 9112,
   * section 9.3.1): it had been used before, and not a byte of an answer came. Whether the request had arrived all the same, and so was
   * worked on and lost, only the mock's ledger knows; it is asked when the trial is over.
   */
  #isStale(connection: LaneConnection, row: number, { outcome }: Verdict): boolean {
    return (
      outcome === 'reset' &&
      connection.answers > 0 &&
      connection.parser.state === 'idle' &&
      !this.#closing &&
      !this.#book.wasResent(row)
    );
  }

  #sendAgain(connection: LaneConnection, row: number): void {
    connection.reset();
    this.#book.resend(row);
    this.#again.add(row);
    this.#openForWaiting();
  }

  /** Closed loop: a stream goes on with its next request when the last one is decided. Sessions: with its next turn, behind a pause. */
  #continue(row: number, verdict: Verdict): void {
    if (this.#sessions !== null) {
      this.#sessions.decided(row, verdict.outcome === 'ok', this.#book.seenUs);
      this.onTurn();
    }
    if (this.#task.mode !== 'closed' || this.#closing) return;
    if (verdict.outcome === 'ok' || verdict.outcome === 'status') this.sendNext();
    else setTimeout(() => this.sendNext(), RETRY_PAUSE_MS);
  }

  #giveBack(connection: LaneConnection): void {
    const waiting = this.#queue.take();
    if (waiting === undefined) this.#pool.giveBack(connection);
    else this.#sendOn(connection, waiting);
  }

  #sendOn(connection: LaneConnection, row: number): void {
    this.#memory.rowOf[connection.index] = row;
    this.#book.sent(row);
    this.#writer.write(connection, row);
  }

  #openForWaiting(): void {
    if (!this.#closing) this.#pool.openFor(this.#queue.length + this.#again.length);
  }
}

/** Kinds of one part share what is remembered of their frames. */
function answerSpecs(kinds: readonly LaneKind[]): AnswerSpec[] {
  const memories: FrameMemory[] = [];
  return kinds.map(({ format, streaming, expected, part }) => {
    const memory = (memories[part] ??= new FrameMemory());
    return { format, streaming, expected, memory };
  });
}
