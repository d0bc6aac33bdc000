import { Buffer } from 'node:buffer';
import type { AnswerSpec, Verdict } from './answer.js';
import { monotonicUs } from './clock.js';
import { ABSENT, type Columns, createColumns, grownColumns, momentUs, outcomeCode } from './columns.js';
import { writeDirect } from './direct-write.js';
import { FrameMemory } from './frame-memory.js';
import { FailureNotes } from './failure-notes.js';
import { GapHistograms } from './gap-histograms.js';
import { type ConnectionOwner, LaneConnection } from './lane-connection.js';
import { claimFree, claimOne, type LaneMemory, openLaneMemory, PACED, setFree, WRITING } from './lane-memory.js';
import type { Handover, ReaderReport, ReaderTask } from './lane-task.js';
import { writeId } from './request-template.js';
import { RowQueue } from './row-queue.js';
import { TokenSeries } from './token-series.js';

/** A stream of a closed loop whose request failed waits so long before the next, lest a dead target be asked in a hot loop. */
const RETRY_PAUSE_MS = 10;

/** As much as one read takes; more than any answer of a benchmark but the largest. */
const READ_BUFFER_BYTES = 256 * 1024;

/**
 * The sockets of a lane and what becomes of its requests. Each row is decided exactly once: by its answer, by a failure of its
 * connection, by its timeout, or at the end of the trial.
 */
export class Lane implements ConnectionOwner {
  readonly readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  readonly #task: ReaderTask;
  readonly #memory: LaneMemory;
  readonly #spec: AnswerSpec;
  readonly #connections: (LaneConnection | undefined)[];
  readonly #vacant: number[];
  readonly #gaps: GapHistograms | null;
  readonly #series: TokenSeries;
  readonly #notes = new FailureNotes();
  /** Rows that wait for a connection. */
  readonly #queue = new RowQueue();
  #columns: Columns;
  #rows: number;
  #decided = 0;
  #opening = 0;
  #opened = 0;
  #open = 0;
  #peak = 0;
  #nowUs = 0;
  #startedAt = 0;
  #closing = false;

  readonly reuse: boolean;

  constructor(task: ReaderTask) {
    this.#task = task;
    this.reuse = task.reuse;
    this.#memory = openLaneMemory(task.buffers);
    this.#spec = { format: task.format, streaming: task.streaming, expected: task.expected, memory: new FrameMemory() };
    this.#connections = Array.from({ length: task.maxConnections });
    this.#vacant = Array.from({ length: task.maxConnections }, (_, i) => task.maxConnections - 1 - i);
    this.#gaps = task.streaming ? new GapHistograms(task.measureUs) : null;
    this.#series = new TokenSeries();
    const closed = task.mode === 'closed';
    this.#columns = closed ? createColumns(64 * 1024, false) : this.#memory.columns;
    this.#rows = closed ? 0 : this.#memory.columns.capacity;
    this.#memory.rowOf.fill(-1);
    this.#memory.fdOf.fill(-1);
  }

  /** Rows that were given out, in a closed loop those so far. */
  get rows(): number {
    return this.#rows;
  }

  get allDecided(): boolean {
    return (
      this.#decided === this.#rows && (this.#task.mode !== 'paced' || Atomics.load(this.#memory.control, PACED) === 1)
    );
  }

  /** Opens so many connections before the load begins; done when each is open or has failed. */
  async openConnections(count: number, waitMs: number): Promise<void> {
    for (let i = 0; i < count; i++) this.#openConnection();
    const until = monotonicUs() + waitMs * 1000;
    while (this.#opening > 0 && monotonicUs() < until) await new Promise((resolve) => setTimeout(resolve, 2));
  }

  /** The trial has begun at this moment of the monotonic clock. */
  start(startedAtUs: number): void {
    this.#startedAt = startedAtUs;
  }

  /** Spin: sends every row from `next` on that is due; returns the next one that is not. */
  sendDue(next: number): number {
    let row = next;
    const { intendedUs, capacity } = this.#columns;
    while (row < capacity && this.#startedAt + (intendedUs[row] as number) <= monotonicUs()) this.send(row++);
    return row;
  }

  /** Closed loop: begins another request now, unless the window has ended. */
  sendNext(): void {
    const elapsed = monotonicUs() - this.#startedAt;
    if (elapsed >= this.#task.warmupUs + this.#task.measureUs) return;
    if (this.#rows === this.#columns.capacity) this.#columns = grownColumns(this.#columns, this.#rows * 2);
    const row = this.#rows++;
    this.#columns.intendedUs[row] = elapsed;
    this.send(row);
  }

  /** Sends a row on a free connection, or lets it wait for one. */
  send(row: number): void {
    const index = claimFree(this.#memory.free);
    const connection = index < 0 ? undefined : this.#connections[index];
    if (connection === undefined) this.#enqueue(row);
    else this.#sendOn(connection, row);
  }

  /** A row that the pacing thread could not send, or not whole. */
  takeOver([row, index, written]: Handover): void {
    if (index < 0) return this.send(row);
    const connection = this.#connections[index];
    // The row may be decided by now: its connection closed while the message was under way.
    if (connection === undefined || this.#memory.rowOf[index] !== row) return;
    if (written < 0) connection.destroy();
    else connection.write(this.#requestBytes(row).subarray(written));
  }

  /** Fails what has waited longer than a request may. */
  expire(): void {
    this.#nowUs = monotonicUs();
    const sentBefore = this.#nowUs - this.#startedAt - this.#task.timeoutUs;
    for (const connection of this.#connections) {
      const row = connection === undefined ? -1 : (this.#memory.rowOf[connection.index] as number);
      if (connection === undefined || row < 0 || (this.#columns.intendedUs[row] as number) > sentBefore) continue;
      const seen = connection.parser.state === 'idle' ? 'no byte' : `${connection.answer.bytes} bytes`;
      this.onVerdict(connection, { outcome: 'timeout', message: `${seen} of the answer in time` }, false);
      connection.destroy();
    }
    for (;;) {
      const row = this.#queue.oldest;
      if (row === undefined || (this.#columns.intendedUs[row] as number) > sentBefore) break;
      this.#queue.take();
      const verdict: Verdict =
        this.#opening > 0
          ? { outcome: 'connect', message: 'no connection in time' }
          : { outcome: 'dropped', message: `all ${this.#open} connections busy` };
      this.#decide(row, verdict);
      this.#continue(verdict);
    }
  }

  /** Ends everything: what was sent and is not answered is `open`, what was never sent is dropped. */
  close(): Omit<ReaderReport, 'raisedPriority' | 'cpuUs'> {
    this.#closing = true;
    for (const connection of this.#connections) connection?.destroy();
    for (let row = 0; row < this.#rows; row++) {
      if (this.#columns.outcome[row] !== 0) continue;
      const sent = this.#columns.sentUs[row] !== ABSENT;
      this.#decide(row, sent ? { outcome: 'open', message: '' } : { outcome: 'dropped', message: '' });
    }
    const own = this.#task.mode === 'closed' ? this.#columns : null;
    return {
      ownColumns: own === null ? null : { buffer: own.intendedUs.buffer as ArrayBuffer, capacity: own.capacity },
      rows: this.#rows,
      connectionsOpened: this.#opened,
      connectionsPeak: this.#peak,
      gapSeconds: this.#gaps?.toSparse() ?? null,
      maxGapUs: this.#gaps?.maxUs ?? null,
      ...this.#notes.report(),
      series: this.#series.toRows(),
    };
  }

  rowOn(connection: LaneConnection): number {
    return this.#memory.rowOf[connection.index] as number;
  }

  onRead(): void {
    this.#nowUs = monotonicUs();
  }

  onConnected(connection: LaneConnection): void {
    this.#opening -= 1;
    this.#opened += 1;
    this.#open += 1;
    this.#peak = Math.max(this.#peak, this.#open);
    this.#memory.fdOf[connection.index] = connection.descriptor;
    const waiting = this.#queue.oldest;
    if (waiting !== undefined) this.#columns.connectUs[waiting] = momentUs(connection.connectUs);
    this.#giveBack(connection);
  }

  /** One request pays for each connection that cannot be had: the one that has waited longest, as it is the one that asked. */
  onConnectFailed(_connection: LaneConnection, message: string): void {
    this.#opening -= 1;
    const row = this.#closing ? undefined : this.#queue.take();
    if (row === undefined) return;
    const verdict: Verdict = { outcome: 'connect', message };
    this.#decide(row, verdict);
    this.#continue(verdict);
  }

  onFirstByte(connection: LaneConnection): void {
    const row = this.rowOn(connection);
    this.#columns.firstByteUs[row] = this.#since(row);
  }

  onToken(connection: LaneConnection): void {
    const row = this.rowOn(connection);
    const now = this.#nowUs;
    if (connection.tokens++ === 0) {
      this.#columns.firstTokenUs[row] = this.#since(row);
    } else {
      const gap = momentUs(now - connection.lastTokenUs);
      if (connection.maxGapUs === ABSENT || gap > connection.maxGapUs) connection.maxGapUs = gap;
      const second = Math.floor(((this.#columns.intendedUs[row] as number) - this.#task.warmupUs) / 1e6);
      if (second >= 0) this.#gaps?.record(second, gap);
    }
    connection.lastTokenUs = now;
    this.#series.token(row, this.#since(row));
  }

  onVerdict(connection: LaneConnection, verdict: Verdict, reusable: boolean): void {
    const { index, answer, parser } = connection;
    const row = this.#memory.rowOf[index] as number;
    const columns = this.#columns;
    this.#memory.rowOf[index] = -1;
    columns.status[row] = answer.status;
    columns.bytes[row] = answer.bytes;
    columns.frames[row] = answer.frames;
    columns.chunks[row] = parser.chunks;
    columns.reads[row] = connection.reads;
    columns.maxGapUs[row] = connection.maxGapUs;
    if (parser.state === 'complete') columns.lastByteUs[row] = this.#since(row);
    const inWindow = (columns.intendedUs[row] as number) >= this.#task.warmupUs;
    this.#series.finish(row, inWindow);
    connection.reset();
    this.#decide(row, verdict);
    if (reusable) this.#giveBack(connection);
    this.#continue(verdict);
  }

  /** Waits until the pacing thread is not writing to the connection, which takes it some microseconds at most. */
  beforeClose(connection: LaneConnection): void {
    const { control, free, fdOf } = this.#memory;
    claimOne(free, connection.index);
    for (let writing = Atomics.load(control, WRITING); writing === -1 || writing === connection.index + 1; ) {
      writing = Atomics.load(control, WRITING);
    }
    fdOf[connection.index] = -1;
  }

  onClosed(connection: LaneConnection): void {
    this.#connections[connection.index] = undefined;
    this.#vacant.push(connection.index);
    if (connection.connected) this.#open -= 1;
    this.#openForWaiting();
  }

  #since(row: number): number {
    return momentUs(this.#nowUs - this.#startedAt - (this.#columns.intendedUs[row] as number));
  }

  #decide(row: number, verdict: Verdict): void {
    this.#columns.outcome[row] = outcomeCode(verdict.outcome);
    this.#columns.endUs[row] = momentUs(monotonicUs() - this.#startedAt - (this.#columns.intendedUs[row] as number));
    this.#decided += 1;
    if (verdict.outcome !== 'ok' && (this.#columns.intendedUs[row] as number) >= this.#task.warmupUs)
      this.#notes.add(row, verdict);
  }

  /** Closed loop: a stream goes on with its next request when the last one is decided. */
  #continue(verdict: Verdict): void {
    if (this.#task.mode !== 'closed' || this.#closing) return;
    if (verdict.outcome === 'ok' || verdict.outcome === 'status') this.sendNext();
    else setTimeout(() => this.sendNext(), RETRY_PAUSE_MS);
  }

  #giveBack(connection: LaneConnection): void {
    const waiting = this.#queue.take();
    if (waiting === undefined) setFree(this.#memory.free, connection.index);
    else this.#sendOn(connection, waiting);
  }

  #sendOn(connection: LaneConnection, row: number): void {
    const { rowOf, fdOf } = this.#memory;
    rowOf[connection.index] = row;
    const { template, counterStart, counterStep } = this.#task;
    const fd = fdOf[connection.index] as number;
    let written = 0;
    if (fd >= 0 && !connection.writing) {
      writeId(template, counterStart + row * counterStep);
      this.#columns.sentUs[row] = momentUs(monotonicUs() - this.#startedAt - (this.#columns.intendedUs[row] as number));
      written = writeDirect(fd, template.bytes);
    } else {
      this.#columns.sentUs[row] = momentUs(monotonicUs() - this.#startedAt - (this.#columns.intendedUs[row] as number));
    }
    if (written < 0) connection.destroy();
    else if (written < template.bytes.length) connection.write(this.#requestBytes(row).subarray(written));
  }

  /** A copy, for the stream to keep until it is written. */
  #requestBytes(row: number): Uint8Array {
    const { template, counterStart, counterStep } = this.#task;
    writeId(template, counterStart + row * counterStep);
    return Buffer.from(template.bytes);
  }

  #enqueue(row: number): void {
    this.#queue.add(row);
    this.#openForWaiting();
  }

  #openForWaiting(): void {
    while (!this.#closing && this.#opening < this.#queue.length && this.#vacant.length > 0) this.#openConnection();
  }

  #openConnection(): void {
    const index = this.#vacant.pop();
    if (index === undefined) return;
    this.#opening += 1;
    const { host, port, tlsName } = this.#task;
    this.#connections[index] = new LaneConnection(index, this, this.#spec, { host, port, tlsName });
  }
}
