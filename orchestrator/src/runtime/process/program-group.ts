import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { BenchError, messageOf } from '../../errors.js';
import { OutputRing } from './output-ring.js';

/** How a program ended: a code, or the signal that ended it. */
export interface ProgramExit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program that was started as the leader of its own group and session, so that Ctrl-C on the terminal does not reach it. */
export interface ProgramGroup {
  readonly pid: number;
  readonly child: ChildProcess;
  readonly stdout: OutputRing;
  readonly stderr: OutputRing;
  /** Settles when the program has ended and its output is read; never rejects. */
  readonly exited: Promise<ProgramExit>;
}

/** Where and how a program is started. */
export interface ProgramOptions {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdoutBytes: number;
  /** Null: standard error goes where standard output goes, in the order of arrival. */
  readonly stderrBytes: number | null;
  /** Further pipes, from file descriptor 3 on. */
  readonly extraPipes?: number;
}

/** How long output may trickle in after the end; a grandchild that holds the pipe open must not hold us. */
const DRAIN_MS = 250;

/**
 * Starts a program and returns once it runs.
 * @throws BenchError `start-failed` when it cannot be executed.
 */
export async function startProgram(words: readonly string[], options: ProgramOptions): Promise<ProgramGroup> {
  const [program, ...args] = words;
  if (program === undefined) throw new BenchError({ code: 'start-failed', message: 'the command to start is empty' });
  const stdio: SpawnOptions['stdio'] = [
    'ignore',
    'pipe',
    'pipe',
    ...Array<'pipe'>(options.extraPipes ?? 0).fill('pipe'),
  ];
  const child = spawn(program, args, { cwd: options.directory, env: options.environment, detached: true, stdio });
  const stdout = new OutputRing(options.stdoutBytes);
  const stderr = options.stderrBytes === null ? stdout : new OutputRing(options.stderrBytes);
  child.stdout?.on('data', (chunk: Buffer) => stdout.write(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.write(chunk));
  const exited = exitOf(child);
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw new BenchError({
      code: 'start-failed',
      message: `${program} could not be started: ${messageOf(error)}`,
      hint: 'Check that the file is there and executable, and that it is built for this machine.',
      cause: error,
    });
  }
  // A later error of the child (a signal that could not be sent) is no reason to end this process.
  child.on('error', () => {});
  return { pid: child.pid as number, child, stdout, stderr, exited };
}

async function exitOf(child: ChildProcess): Promise<ProgramExit> {
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const exit = await new Promise<ProgramExit>((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([closed, new Promise((resolve) => (timer = setTimeout(resolve, DRAIN_MS)))]);
  clearTimeout(timer);
  // Left open by a grandchild, the pipes would keep this process from ending.
  for (const stream of child.stdio) stream?.destroy();
  return exit;
}
