import { once } from 'node:events';
import { pinThread } from '../../clock/affinity.js';
import { monotonicUs } from '../../clock/clock.js';
import { Heartbeat } from '../../clock/heartbeat.js';
import { Lane } from './lane.js';
import type { Handover, ReaderReport, ReaderTask } from './lane-task.js';
import { threadCpuUs, threadRunQueueUs } from '../../clock/thread-cpu.js';
import { runFirst } from '../../clock/thread-scheduling.js';

/** Longest wait for connections before the trial: those that are not open by then are opened when they are needed. */
const OPEN_WAIT_MS = 5000;

/** How often timeouts are looked for; a tenth of the timeout where that is less. */
const SWEEP_MS = 100;

/** How often it is looked whether a client's time to leave has come. */
const LEAVING_MS = 5;

/** The thread of a lane that owns its sockets: opens them, reads the answers, and in a closed loop or when spinning sends as well. */
export async function read(task: ReaderTask): Promise<ReaderReport> {
  if (task.cpuset !== null) pinThread(task.cpuset);
  // A thread that never sleeps would take its core from everything else.
  const raisedPriority = task.mode !== 'spin' && runFirst();
  const lane = new Lane(task);
  await lane.openConnections(task.connections, OPEN_WAIT_MS);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port between threads, not a window
  task.conductor.postMessage('ready');
  const [message] = (await once(task.conductor, 'message')) as [{ startedAtUs: number }];
  const { startedAtUs } = message;
  lane.start(startedAtUs);
  task.handover?.on('message', (handover: Handover) => lane.takeOver(handover));

  const heartbeat = new Heartbeat();
  const used = usedBetween(startedAtUs + task.warmupUs, startedAtUs + task.warmupUs + task.measureUs);
  const timeoutMs = task.timeoutUs / 1000;
  const sweep = setInterval(() => lane.expire(), Math.max(1, Math.min(SWEEP_MS, timeoutMs / 10)));
  const leaving =
    task.leaving !== null && 'ms' in task.leaving.at ? setInterval(() => lane.letLeave(), LEAVING_MS) : undefined;
  if (task.mode === 'spin') await spin(lane);
  if (task.mode === 'closed') await startStreams(lane, task.streams, startedAtUs);
  if (task.mode === 'sessions') await holdSessions(lane, startedAtUs, startedAtUs + task.warmupUs + task.measureUs);
  await untilDecided(lane, startedAtUs + task.warmupUs + task.measureUs, task.timeoutUs);

  clearInterval(sweep);
  clearInterval(leaving);
  const report = lane.close();
  task.handover?.close();
  task.conductor.close();
  const stalls = heartbeat.stop();
  return { ...report, raisedPriority, stalls, ...(await used) };
}

/** Looks at clock and sockets in turn, without sleeping, until every row is sent. */
function spin(lane: Lane): Promise<void> {
  return new Promise((resolve) => {
    let next = 0;
    const turn = () => {
      next = lane.sendDue(next);
      if (next === lane.rows) resolve();
      else setImmediate(turn);
    };
    turn();
  });
}

async function startStreams(lane: Lane, streams: number, startedAtUs: number): Promise<void> {
  await untilMoment(startedAtUs);
  for (let i = 0; i < streams; i++) lane.sendNext();
}

/** A timer wakes in whole milliseconds: from here on the clock is looked at in turn with the sockets, so that a turn leaves when it is due. */
const TIMER_STEP_US = 1500;

/** Sends each turn of the sessions when it is due, until the window has ended. */
async function holdSessions(lane: Lane, startedAtUs: number, endUs: number): Promise<void> {
  await untilMoment(startedAtUs);
  await new Promise<void>((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    let armedUs = Number.POSITIVE_INFINITY;
    let looking = false;
    const look = (): void => {
      const nextUs = lane.sendTurns();
      const now = monotonicUs();
      if (now >= endUs) return finish();
      const untilUs = Math.min(nextUs, endUs);
      looking = untilUs - now <= TIMER_STEP_US;
      if (looking) setImmediate(look);
      else arm(untilUs, now);
    };
    const arm = (untilUs: number, now: number): void => {
      clearTimeout(timer);
      armedUs = untilUs;
      timer = setTimeout(look, Math.max(0, Math.floor((untilUs - now - TIMER_STEP_US) / 1000)));
    };
    // A turn may be due before the one that the timer waits for.
    lane.onTurn = () => {
      if (!looking && lane.nextTurnUs < armedUs) arm(lane.nextTurnUs, monotonicUs());
    };
    const finish = (): void => {
      lane.onTurn = () => {};
      resolve();
    };
    look();
  });
}

/** Waits until the schedule has ended and all of it is decided, at most for another timeout. */
async function untilDecided(lane: Lane, endUs: number, timeoutUs: number): Promise<void> {
  await untilMoment(endUs);
  while (!lane.allDecided && monotonicUs() < endUs + timeoutUs) await untilMoment(monotonicUs() + 2000);
  // One last look: what has timed out by now is a timeout and not merely open.
  lane.expire();
}

/** CPU time of this thread between two moments, and how long it waited for a CPU. */
async function usedBetween(fromUs: number, toUs: number): Promise<Pick<ReaderReport, 'cpuUs' | 'runQueueWaitUs'>> {
  await untilMoment(fromUs);
  const before = [threadCpuUs(), threadRunQueueUs()] as const;
  await untilMoment(toUs);
  const after = [threadCpuUs(), threadRunQueueUs()] as const;
  const [cpuUs = null, runQueueWaitUs = null] = before.map((figure, i) => {
    const later = after[i] ?? null;
    return figure === null || later === null ? null : later - figure;
  });
  return { cpuUs, runQueueWaitUs };
}

async function untilMoment(atUs: number): Promise<void> {
  const waitMs = (atUs - monotonicUs()) / 1000;
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
}
