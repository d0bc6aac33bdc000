import { monotonicUs } from '../../clock/clock.js';
import { momentUs } from './columns.js';
import { writeDirect } from '../../clock/direct-write.js';
import { claimFree, openLaneMemory, PACED, SLEEP, START, STARTED_AT, WRITING } from './lane-memory.js';
import type { Handover, PacerReport, PacerTask } from './lane-task.js';
import { type RequestTemplate, writeId } from './request-template.js';
import { Sleeper } from '../../clock/sleeper.js';
import { threadCpuUs } from './thread-cpu.js';
import { runFirst, wakeExactly } from '../../clock/thread-scheduling.js';

/**
 * The pacing thread of a lane: sleeps until each request's intended time and writes it to a free connection itself, so that nothing
 * stands between the clock and the kernel. The other thread of the lane owns the sockets and reads the answers.
 */
export function pace(task: PacerTask): PacerReport {
  const { control, clock, columns, free, rowOf, fdOf } = openLaneMemory(task.buffers);
  const { templates } = task;
  const handOver = (row: number, connection: number, written: number) =>
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port between threads, not a window
    task.handover.postMessage([row, connection, written] satisfies Handover);

  wakeExactly();
  runFirst();
  const sleeper = new Sleeper(control, SLEEP);
  Atomics.wait(control, START, 0);
  const startedAt = clock[STARTED_AT] as number;
  let cpuBefore: number | null = null;

  for (let row = 0; row < columns.capacity; row++) {
    const intended = columns.intendedUs[row] as number;
    if (cpuBefore === null && intended >= task.warmupUs) cpuBefore = threadCpuUs();
    const template = templates[columns.kind[row] as number] as RequestTemplate;
    writeId(template, task.counterStart + row * task.counterStep);
    const due = startedAt + intended;
    sleeper.until(due);

    const connection = task.direct ? claimForWriting() : -1;
    if (connection < 0) {
      handOver(row, -1, 0);
      continue;
    }
    rowOf[connection] = row;
    columns.sentUs[row] = momentUs(monotonicUs() - due);
    const written = writeDirect(fdOf[connection] as number, template.bytes);
    Atomics.store(control, WRITING, 0);
    if (written < template.bytes.length) handOver(row, connection, written);
  }
  Atomics.store(control, PACED, 1);
  const cpuAfter = threadCpuUs();
  task.handover.close();
  return { cpuUs: cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore };

  /**
   * Says which connection is being written to, so that its owner does not close the descriptor (which the kernel might give to
   * another connection at once) between the claim and the write.
   */
  function claimForWriting(): number {
    // -1 in WRITING makes the owner of any connection wait while the claim is not settled.
    Atomics.store(control, WRITING, -1);
    const connection = claimFree(free);
    Atomics.store(control, WRITING, connection + 1);
    return connection;
  }
}
