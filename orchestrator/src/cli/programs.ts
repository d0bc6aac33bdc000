import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { EXIT, type ExitCode } from '../errors.js';
import { MOCK_PROGRAM, SINK_PROGRAM } from '../installation.js';

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
  {
    name: 'sink',
    about: 'Run what gateways send spans to, or ask for verdicts (sink --help)',
    path: SINK_PROGRAM,
  },
  {
    name: 'cluster-job',
    about: 'Run a benchmark within a cluster (what --runtime kubernetes submits; nobody starts it by hand)',
    path: fileURLToPath(new URL('../runtime/kubernetes/job-main.js', import.meta.url)),
  },
];

/** The options of the mock that the earlier suite had, by which its own command line is known. */
const MOCK_WORDS = /^(--(port|chunks|delay|error-rate)(=|$)|-[pcde])/;

/**
 * The program that a line without a command is for. The earlier suite had a program of this name that was the mock and nothing else:
 * `crabllm-bench --port 9999 --chunks 20 --delay 0 --error-rate 0` starts it here too.
 * @param known the options of the command that runs where none is named
 */
export function programOfBareLine(words: readonly string[], known: readonly string[]): Program | undefined {
  if (words[0]?.startsWith('-') !== true || !words.some((word) => MOCK_WORDS.test(word))) return undefined;
  const names = words.flatMap((word) => /^--([a-z][a-z-]*)/.exec(word)?.[1] ?? []);
  const others = names.some((name) => known.includes(name) && name !== 'seed');
  return others ? undefined : PROGRAMS.find(({ name }) => name === 'mock');
}

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
