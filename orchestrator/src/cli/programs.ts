import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { EXIT, type ExitCode } from '../errors.js';
import { MOCK_PROGRAM } from '../installation.js';

/** A command that is a program with options of its own, started as a process of its own. */
export interface Program {
  readonly name: string;
  readonly about: string;
  /** Where it lies. */
  readonly path: string;
}

/** In the order in which help lists them. */
export const PROGRAMS: readonly Program[] = [
  {
    name: 'mock',
    about: 'Run the mock provider alone (mock --help)',
    path: MOCK_PROGRAM,
  },
  {
    name: 'relay',
    about: 'Run a gateway that adds a known delay, or a known fault (relay --help)',
    path: fileURLToPath(new URL('../relay/main.js', import.meta.url)),
  },
];

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs a program with its own options until it ends, passing signals on; its exit code is ours. */
export async function runProgram(program: Program, words: readonly string[]): Promise<ExitCode> {
  const child = spawn(process.execPath, [program.path, ...words], { stdio: 'inherit' });
  const forward = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (exitCode) => resolve(exitCode));
    });
    return (code ?? EXIT.interrupted) as ExitCode;
  } finally {
    for (const signal of FORWARDED) process.off(signal, forward);
  }
}
