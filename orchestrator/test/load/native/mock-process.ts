import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { MOCK_PROGRAM } from '#src/installation.js';

/** The project's own mock as a process of its own; whoever started it ends the child. */
export interface RunningMock {
  readonly url: string;
  readonly child: ChildProcess;
}

/** Starts it on a port of the system's choice. */
export async function startMock(): Promise<RunningMock> {
  const child = spawn(process.execPath, [MOCK_PROGRAM, '--port', '0', '--workers', '1'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (;;) {
    const [bytes] = (await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data')])) as [Buffer];
    printed += bytes.toString();
    const url = /listening on (\S+)/.exec(printed)?.[1];
    if (url !== undefined) return { url, child };
  }
}
