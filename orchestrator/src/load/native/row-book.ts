import type { Verdict } from './answer.js';
import { monotonicUs } from '../../clock/clock.js';
import { ABSENT, type Columns, createColumns, grownColumns, momentUs, outcomeCode } from './columns.js';
import { FailureNotes } from './failure-notes.js';
import { GapHistograms } from './gap-histograms.js';
import type { LaneConnection } from './lane-connection.js';
import type { ReaderReport, ReaderTask } from './lane-task.js';
import { TokenSeries } from './token-series.js';

/** Rows of a closed loop or of sessions for which there is room before more is made. */
const FIRST_ROWS = 64 * 1024;

/** What the book has at its end. */
export type BookReport = Pick<ReaderReport, 'ownColumns' | 'rows' | 'gaps' | 'errorExamples' | 'breaches' | 'series'>;

/**
 * What is written down of a lane's requests: a row each, the moments of which count from its intended time, and beside the rows what
 * no row has room for.
 */
export class RowBook {
  readonly #task: ReaderTask;
  /** By part. */
  readonly #gaps: readonly (GapHistograms | null)[];
  readonly #series = new TokenSeries();
  readonly #notes = new FailureNotes();
  #columns: Columns;
  #rows: number;
  #decided = 0;
  #nowUs = 0;
  #startedAtUs = 0;

  /** @param columns those that the lane's threads share; a closed loop and sessions have their own, which grow */
  constructor(task: ReaderTask, columns: Columns) {
    this.#task = task;
    this.#gaps = partsOf(task).map((streaming) => (streaming ? new GapHistograms(task.measureUs) : null));
    const grows = growsIn(task);
    this.#columns = grows ? createColumns(FIRST_ROWS, false) : columns;
    this.#rows = grows ? 0 : columns.capacity;
  }

  /** Rows that were given out, in a closed loop and of sessions those so far. */
  get rows(): number {
    return this.#rows;
  }

  get allDecided(): boolean {
    return this.#decided === this.#rows;
  }

  /** The trial has begun at this moment of the monotonic clock. */
  start(startedAtUs: number): void {
    this.#startedAtUs = startedAtUs;
  }

  get startedAtUs(): number {
    return this.#startedAtUs;
  }

  /** Looks at the clock: what is written down until the next look happened now. */
  look(): void {
    this.#nowUs = monotonicUs();
  }

  /** Whether the row's time has come. */
  isDue(row: number): boolean {
    return this.#startedAtUs + this.#intendedUs(row) <= monotonicUs();
  }

  /** Whether the row has had the time that a request may take, at the last look. */
  isOverdue(row: number): boolean {
    return this.#intendedUs(row) <= this.#nowUs - this.#startedAtUs - this.#task.timeoutUs;
  }

  /** Closed loop: another row, due now; -1 when the window has ended. */
  append(): number {
    const { draws } = this.#task;
    return this.appendDue(this.elapsedUs(), draws[this.#rows % draws.length] as number);
  }

  /** Another row of a kind, due at this moment from the trial's start; -1 when the window has ended by then. */
  appendDue(dueUs: number, kind: number): number {
    const { warmupUs, measureUs } = this.#task;
    if (dueUs >= warmupUs + measureUs) return -1;
    if (this.#rows === this.#columns.capacity) this.#columns = grownColumns(this.#columns, this.#rows * 2);
    const row = this.#rows++;
    this.#columns.intendedUs[row] = dueUs;
    this.#columns.kind[row] = kind;
    return row;
  }

  /** Microseconds from the trial's start until now. */
  elapsedUs(): number {
    return monotonicUs() - this.#startedAtUs;
  }

  /** Until the last look at the clock. */
  get seenUs(): number {
    return this.#nowUs - this.#startedAtUs;
  }

  kindOf(row: number): number {
    return this.#columns.kind[row] as number;
  }

  /** Its first byte is about to be handed to the kernel. */
  sent(row: number): void {
    this.#columns.sentUs[row] = momentUs(monotonicUs() - this.#startedAtUs - this.#intendedUs(row));
  }

  /** The request's number in the trial. */
  counterOf(row: number): number {
    const { counterStart, counterStep } = this.#task;
    return counterStart + row * counterStep;
  }

  /** When the row was due, microseconds of the monotonic clock. */
  dueUs(row: number): number {
    return this.#startedAtUs + this.#intendedUs(row);
  }

  wasResent(row: number): boolean {
    return this.#columns.resent[row] === 1;
  }

  /** It is to be sent once more; since it was first sent, or waited to be, the driver has done its part. */
  resend(row: number): void {
    const { waitingUs, sentUs, resent } = this.#columns;
    if (waitingUs[row] === ABSENT) waitingUs[row] = sentUs[row] as number;
    resent[row] = 1;
  }

  /** No connection is free: from here on it waits for the target, not for the driver. */
  waits(row: number): void {
    this.#columns.waitingUs[row] = momentUs(monotonicUs() - this.#startedAtUs - this.#intendedUs(row));
  }

  /** The connection that was opened for it took so long. */
  connected(row: number, connectUs: number): void {
    this.#columns.connectUs[row] = momentUs(connectUs);
  }

  firstByte(row: number): void {
    this.#columns.firstByteUs[row] = this.#since(row);
  }

  firstFrame(row: number): void {
    this.#columns.firstFrameUs[row] = this.#since(row);
  }

  /** A content-bearing frame of the answer that the connection reads. */
  token(row: number, connection: LaneConnection): void {
    const nowUs = this.#nowUs;
    if (connection.tokens++ === 0) {
      this.#columns.firstTokenUs[row] = this.#since(row);
    } else {
      const gapUs = momentUs(nowUs - connection.lastTokenUs);
      if (connection.maxGapUs === ABSENT || gapUs > connection.maxGapUs) connection.maxGapUs = gapUs;
      const second = Math.floor((this.#intendedUs(row) - this.#task.warmupUs) / 1e6);
      if (second >= 0) this.#gaps[this.#partOf(row)]?.record(second, gapUs);
    }
    connection.lastTokenUs = nowUs;
    this.#series.token(row, this.#since(row));
  }

  /** What the connection has read of its answer, before the row is decided. */
  read(row: number, { answer, parser, reads, maxGapUs }: LaneConnection): void {
    const columns = this.#columns;
    columns.status[row] = answer.status;
    columns.bytes[row] = answer.bytes;
    columns.frames[row] = answer.frames;
    columns.chunks[row] = parser.chunks;
    columns.reads[row] = reads;
    columns.maxGapUs[row] = maxGapUs;
    if (parser.state === 'complete') columns.lastByteUs[row] = this.#since(row);
    this.#series.finish(row, this.#isMeasured(row));
  }

  /** What became of it; once for each row. */
  decide(row: number, verdict: Verdict): void {
    this.#columns.outcome[row] = outcomeCode(verdict.outcome);
    this.#columns.endUs[row] = momentUs(monotonicUs() - this.#startedAtUs - this.#intendedUs(row));
    this.#decided += 1;
    if (verdict.outcome !== 'ok' && verdict.outcome !== 'left' && this.#isMeasured(row)) this.#notes.add(row, verdict);
  }

  /** Decides the rest: what was sent and is not answered is `open`, what was never sent is dropped. */
  close(): BookReport {
    for (let row = 0; row < this.#rows; row++) {
      if (this.#columns.outcome[row] !== 0) continue;
      const sent = this.#columns.sentUs[row] !== ABSENT;
      this.decide(row, { outcome: sent ? 'open' : 'dropped', message: '' });
    }
    const own = growsIn(this.#task) ? this.#columns : null;
    return {
      ownColumns: own === null ? null : { buffer: own.intendedUs.buffer as ArrayBuffer, capacity: own.capacity },
      rows: this.#rows,
      gaps: this.#gaps.map((gaps) => gaps?.report() ?? null),
      ...this.#notes.report(),
      series: this.#series.toRows(),
    };
  }

  #intendedUs(row: number): number {
    return this.#columns.intendedUs[row] as number;
  }

  #isMeasured(row: number): boolean {
    return this.#intendedUs(row) >= this.#task.warmupUs;
  }

  #since(row: number): number {
    return momentUs(this.#nowUs - this.#startedAtUs - this.#intendedUs(row));
  }

  #partOf(row: number): number {
    return this.#task.kinds[this.kindOf(row)]?.part ?? 0;
  }
}

/** Whether nobody knows beforehand how many requests there will be. */
function growsIn({ mode }: ReaderTask): boolean {
  return mode === 'closed' || mode === 'sessions';
}

/** Whether each part streams. */
function partsOf({ kinds }: ReaderTask): boolean[] {
  const streaming: boolean[] = [];
  for (const kind of kinds) streaming[kind.part] = kind.streaming;
  return streaming;
}
