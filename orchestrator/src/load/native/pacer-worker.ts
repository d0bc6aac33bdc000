import { pinThread } from '../../clock/affinity.js';
import { monotonicUs } from '../../clock/clock.js';
import { momentUs } from './columns.js';
import { writeDirect } from '../../clock/direct-write.js';
import { claimFree, type LaneMemory, openLaneMemory, PACED, SLEEP, START, STARTED_AT, WRITING } from './lane-memory.js';
import type { Handover, PacerReport, PacerTask } from './lane-task.js';
import { type RequestTemplate, writeId } from './request-template.js';
import { Sleeper } from '../../clock/sleeper.js';
import { threadCpuUs, threadRunQueueUs } from '../../clock/thread-cpu.js';
import { runFirst, wakeExactly } from '../../clock/thread-scheduling.js';

/**
 * The pacing thread of a lane: sleeps until each request's intended time and writes it to a free connection itself, so that nothing
 * stands between the clock and the kernel. The other thread of the lane owns the sockets and reads the answers.
 */
export function pace(task: PacerTask): PacerReport {
  const memory = openLaneMemory(task.buffers);
  const { control, clock, columns } = memory;
  if (task.cpuset !== null) pinThread(task.cpuset);
  wakeExactly();
  runFirst();
  const sender = new Sender(task, memory);
  const sleeper = new Sleeper(control, SLEEP);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port between threads, not a window
  task.conductor.postMessage('ready');
  Atomics.wait(control, START, 0);
  const startedAt = clock[STARTED_AT] as number;
  let cpuBefore: number | null = null;
  let waitedBefore: number | null = null;

  for (let row = 0; row < columns.capacity; row++) {
    const intended = columns.intendedUs[row] as number;
    if (cpuBefore === null && intended >= task.warmupUs) {
      cpuBefore = threadCpuUs();
      waitedBefore = threadRunQueueUs();
    }
    const bytes = sender.prepare(row);
    const due = startedAt + intended;
    sleeper.until(due);
    sender.send(row, bytes, due);
  }
  Atomics.store(control, PACED, 1);
  const cpuAfter = threadCpuUs();
  const waitedAfter = threadRunQueueUs();
  task.handover.close();
  task.conductor.close();
  return { cpuUs: difference(cpuBefore, cpuAfter), runQueueWaitUs: difference(waitedBefore, waitedAfter) };
}

function difference(before: number | null, after: number | null): number | null {
  return before === null || after === null ? null : after - before;
}

/** Writes requests to free connections, and hands to the lane's other thread what cannot be written from here. */
class Sender {
  readonly #task: PacerTask;
  readonly #memory: LaneMemory;

  constructor(task: PacerTask, memory: LaneMemory) {
    this.#task = task;
    this.#memory = memory;
  }

  /** The bytes of a row's request, until the next is asked for. */
  prepare(row: number): Uint8Array {
    const { templates, counterStart, counterStep } = this.#task;
    const template = templates[this.#memory.columns.kind[row] as number] as RequestTemplate;
    writeId(template, counterStart + row * counterStep);
    return template.bytes;
  }

  /** @param dueUs its intended time on the monotonic clock */
  send(row: number, bytes: Uint8Array, dueUs: number): void {
    const { control, columns, rowOf, fdOf, cut } = this.#memory;
    const connection = this.#task.direct ? this.#claimForWriting() : -1;
    if (connection < 0) return this.#handOver(row, -1, 0);
    rowOf[connection] = row;
    columns.sentUs[row] = momentUs(monotonicUs() - dueUs);
    const written = writeDirect(fdOf[connection] as number, bytes);
    const whole = written === bytes.length;
    // Before the write is over for the other thread, which looks there when the answer has come.
    if (!whole) Atomics.store(cut, connection, 1);
    Atomics.store(control, WRITING, 0);
    if (!whole) this.#handOver(row, connection, written);
  }

  /**
   * Says which connection is being written to, so that its owner does not close the descriptor (which the kernel might give to
   * another connection at once) between the claim and the write.
   */
  #claimForWriting(): number {
    const { control, free } = this.#memory;
    // -1 in WRITING makes the owner of any connection wait while the claim is not settled.
    Atomics.store(control, WRITING, -1);
    const connection = claimFree(free);
    Atomics.store(control, WRITING, connection + 1);
    return connection;
  }

  #handOver(row: number, connection: number, written: number): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port between threads, not a window
    this.#task.handover.postMessage([row, connection, written] satisfies Handover);
  }
}
