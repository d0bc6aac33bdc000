import type { ProgramExit, ProgramGroup } from './program-group.js';
import { trySignal } from './stop.js';

/** When a program is to end that has not ended by itself, and how it is asked. */
export interface EndOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Asks the program to end; SIGKILL follows after {@link GRACE_MS}. */
  readonly softSignal: NodeJS.Signals;
}

/** How long a program may take to end after it was asked to. */
const GRACE_MS = 3_000;

/**
 * Waits for a program to end and ends it itself on abort or time-out; what it leaves in its group is killed.
 * @returns how it ended, and whether it was cut short
 */
export async function runToEnd(
  group: ProgramGroup,
  options: EndOptions,
): Promise<ProgramExit & { readonly cutShort: 'abort' | 'timeout' | null }> {
  let cutShort: 'abort' | 'timeout' | null = null;
  let killTimer: NodeJS.Timeout | undefined;
  const cut = (why: 'abort' | 'timeout'): void => {
    if (cutShort !== null) return;
    cutShort = why;
    trySignal(-group.pid, options.softSignal);
    killTimer = setTimeout(() => trySignal(-group.pid, 'SIGKILL'), GRACE_MS);
  };
  const onAbort = (): void => cut('abort');
  const timer = setTimeout(() => cut('timeout'), options.timeoutMs);
  options.signal.addEventListener('abort', onAbort, { once: true });
  if (options.signal.aborted) onAbort();
  try {
    const exit = await group.exited;
    return { ...exit, cutShort };
  } finally {
    clearTimeout(timer);
    clearTimeout(killTimer);
    options.signal.removeEventListener('abort', onAbort);
    trySignal(-group.pid, 'SIGKILL');
  }
}
