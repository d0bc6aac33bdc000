// Load by wrk, one thread.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Posts one body again and again.
 * @returns how many requests were answered
 * @throws {Error} with wrk's output when one was not, or not with 2xx
 */
export async function load(folder, url, body, connections, seconds) {
  const script = join(folder, 'post.lua');
  const headers = 'wrk.headers["Content-Type"] = "application/json"';
  writeFileSync(script, `wrk.method = "POST"\n${headers}\nwrk.body = [==[${body}]==]\n`);
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '30s', '-s', script, url];
  const { stdout } = await promisify(execFile)('wrk', args);
  if (/Non-2xx|read [1-9]|write [1-9]|connect [1-9]/.test(stdout)) throw new Error(stdout);
  return Number(/(\d+) requests in/.exec(stdout)?.[1]);
}
