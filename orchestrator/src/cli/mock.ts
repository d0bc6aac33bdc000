import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { EXIT, type ExitCode } from '../errors.js';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Where the mock's program lies. */
export function mockProgram(): string {
  return fileURLToPath(import.meta.resolve('@crabllm-bench/mock/main'));
}

/** Runs the mock with its own options until it ends, passing signals on; its exit code is ours. */
export async function runMock(words: readonly string[]): Promise<ExitCode> {
  const child = spawn(process.execPath, [mockProgram(), ...words], { stdio: 'inherit' });
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
