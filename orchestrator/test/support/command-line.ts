import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HOST = fileURLToPath(new URL('command-host.js', import.meta.url));

/** How a command line ended, in the words of `spawnSync`. */
export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Many command lines in one process, one after the other: to load the program takes most of a second, and a line that is refused a hundredth
 * of that. What depends on a start of its own (signals, streams that break, workers) starts `dist/run.js` instead.
 */
export class CommandLine {
  readonly #host: ChildProcess = fork(HOST, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });

  /**
   * @param directory where the command finds itself; an empty one when it is left out
   * @throws Error when the host ends under a command
   */
  async run(words: readonly string[], directory = mkdtempSync(join(tmpdir(), 'cli-'))): Promise<Ended> {
    const fallen = new AbortController();
    const ended = once(this.#host, 'exit', { signal: fallen.signal }).then(
      ([code]) => {
        throw new Error(`the host of commands ended with ${code} under: ${words.join(' ')}`);
      },
      () => undefined as never,
    );
    this.#host.send({ words, directory });
    const [answer] = (await Promise.race([once(this.#host, 'message'), ended])) as [Ended];
    fallen.abort();
    return answer;
  }

  close(): void {
    this.#host.disconnect();
  }
}
