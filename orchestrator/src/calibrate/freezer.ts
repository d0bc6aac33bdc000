import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Stops somebody again and again, and goes on with it. */
export interface Freezer {
  /** Settles when the last stop is over. */
  readonly done: Promise<void>;
  /** Ends it at once; whoever is stopped goes on. */
  readonly thaw: () => void;
}

/**
 * Stops processes (SIGSTOP, SIGCONT) at given moments, from a shell, which nothing of ours can hold up.
 * @param pids process ids, or groups as negative numbers
 * @param momentsMs from now, ascending, each for so long
 */
export function freeze(pids: readonly number[], momentsMs: readonly number[], frozenMs: number): Freezer {
  const all = pids.join(' ');
  const steps = momentsMs.flatMap((at, i) => {
    const before = i === 0 ? 0 : (momentsMs[i - 1] as number) + frozenMs;
    return [`sleep ${(at - before) / 1000}`, `kill -STOP ${all}`, `sleep ${frozenMs / 1000}`, `kill -CONT ${all}`];
  });
  const shell = spawn('/bin/sh', ['-c', `PATH=/usr/bin:/bin; ${steps.join('; ')}`], {
    stdio: 'ignore',
    detached: true,
  });
  return {
    done: once(shell, 'exit').then(() => {}),
    thaw: () => {
      shell.kill('SIGKILL');
      for (const pid of pids) {
        try {
          process.kill(pid, 'SIGCONT');
        } catch {
          // It has ended meanwhile.
        }
      }
    },
  };
}
