import { spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { readKernelFile } from '../kernel-file.js';

/** Of util-linux; Node has no call that says on which CPUs a thread may run (sched_setaffinity(2)). */
const TASKSET = 'taskset';

/** Whether threads and programs can be kept on CPUs here. */
export function canPin(): boolean {
  return process.platform === 'linux' && taskset(['-c', '-p', String(process.pid)]) === null;
}

/** The words that start a program on these CPUs: it takes the place of what puts it there, so its process is the one that was started. */
export function wordsOn(cpus: string, words: readonly string[]): [program: string, ...args: string[]] {
  return [TASKSET, '-c', cpus, ...words];
}

/**
 * Keeps the calling thread, and the threads that it starts, on these CPUs. Where it is there already nothing is started: a thread of a pool is
 * told for every trial, and waits for the program that puts it there.
 * @param cpus as the kernel lists them, `0-3,8`
 * @throws Error what kept it from it: a thread that is measured elsewhere than said would be a lie
 */
export function pinThread(cpus: string): void {
  const status = readKernelFile('/proc/thread-self/status') ?? '';
  if (/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] === cpus) return;
  const thread = readlinkSync('/proc/thread-self').split('/').at(-1) as string;
  const fault = taskset(['-c', '-p', cpus, thread]);
  if (fault !== null) throw new Error(`the thread cannot be kept on CPU ${cpus}: ${fault}`);
}

/**
 * Keeps every thread of this program on these CPUs, and those and the programs that they start. @throws Error as {@link pinThread}
 */
export function pinProgram(cpus: string): void {
  const fault = taskset(['-a', '-c', '-p', cpus, String(process.pid)]);
  if (fault !== null) throw new Error(`this program cannot be kept on CPU ${cpus}: ${fault}`);
}

/** @returns null when it did as told */
function taskset(args: readonly string[]): string | null {
  const { status, stderr, error } = spawnSync(TASKSET, args, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (error !== undefined) return error.message;
  return status === 0 ? null : stderr.trim() || `${TASKSET} ended with ${status}`;
}
