import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A mock that runs as a user would start it, on a port of its own. */
export interface StartedMock {
  /** Such as `http://127.0.0.1:41234`. */
  readonly url: string;
  /** All that it says of where it listens. */
  readonly line: string;
  stop(): Promise<void>;
}

const MAIN = fileURLToPath(import.meta.resolve('#src/main.js'));

/** Starts one with these options, the last of which win. */
export function startMock(...options: readonly string[]): Promise<StartedMock> {
  return startMockIn('.', '--port', '0', '--workers', '1', ...options);
}

/**
 * Starts one in a directory, with these options only, and waits until it says where it listens.
 * @throws {Error} with what it printed when it ends instead
 */
export async function startMockIn(directory: string, ...options: readonly string[]): Promise<StartedMock> {
  const child = spawn(process.execPath, [MAIN, ...options], { stdio: ['ignore', 'pipe', 'pipe'], cwd: directory });
  const ended = once(child, 'exit');
  let printed = '';
  const line = new Promise<string>((resolve, reject) => {
    const read = (text: Buffer) => {
      printed += text.toString();
      const found = /listening on .*(?=\n)/.exec(printed)?.[0];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void ended.then(() => reject(new Error(`the mock ended: ${printed}`)));
  });
  const said = await line;
  return {
    url: /http:\S+(?=[\s,])/.exec(said)?.[0] ?? '',
    line: said,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Sends a JSON body, as every client would. */
export function post(
  url: string,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}
