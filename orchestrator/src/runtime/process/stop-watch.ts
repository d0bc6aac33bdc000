import type { Stall } from '../../clock/heartbeat.js';
import type { ProcFs } from './procfs.js';

/** How often is looked: two reads of `/proc`, some 20 µs. */
const INTERVAL_MS = 100;

/** Looks at a tool from outside while it runs. */
export interface StopWatch {
  /** Ends it; the times in which the tool was stopped, microseconds since the watch began, null where the kernel shows nothing. */
  finish(): readonly Stall[] | null;
}

/**
 * Notices when the program that a shell has started is stopped (SIGSTOP, a debugger): its own clock readings stand still with it, so it
 * cannot tell. Known to a tenth of a second.
 * @param shellPid the shell, whose only child is the tool
 */
export function watchStops(proc: ProcFs, shellPid: number): StopWatch {
  const beganMs = performance.now();
  const stalls: Stall[] = [];
  let tool: number | null = null;
  let stoppedAtMs: number | null = null;
  const look = (): void => {
    tool ??= proc.children(shellPid)[0] ?? null;
    const state = tool === null ? null : (proc.stat(tool)?.state ?? null);
    const atMs = performance.now() - beganMs;
    // `T` stopped by a signal, `t` by a debugger.
    if (state === 'T' || state === 't') stoppedAtMs ??= atMs;
    else if (stoppedAtMs !== null) {
      stalls.push({ fromUs: stoppedAtMs * 1000, lengthUs: (atMs - stoppedAtMs) * 1000 });
      stoppedAtMs = null;
    }
  };
  const timer = setInterval(look, INTERVAL_MS);
  return {
    finish() {
      clearInterval(timer);
      look();
      return tool === null ? null : stalls;
    },
  };
}
