import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { pack } from 'tar-stream';
import { ARCHIVE, FETCHED, RESULTS, resultLine } from './result.js';
import { WORDS_VARIABLE, WORK } from './run-objects.js';

/** A follower that was cut off comes back within this time, or nobody does. */
const HELD_MS = 900_000;
const POLL_MS = 1000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs the benchmark in a Pod, then keeps its result until it is fetched. The benchmark is a process of its own: whatever becomes of it, what
 * it has written by then is handed over.
 */
const words = JSON.parse(readFileSync(process.env[WORDS_VARIABLE] ?? '', 'utf8')) as string[];
const ending = new AbortController();
const exitCode = await run(words);
const archive = await archiveOf(join(WORK, RESULTS));
writeFileSync(join(WORK, ARCHIVE), archive);
const sha256 = createHash('sha256').update(archive).digest('hex');
process.stderr.write(`${resultLine({ exitCode, bytes: archive.length, sha256 })}\n`);
const until = Date.now() + HELD_MS;
while (Date.now() < until && !existsSync(join(WORK, FETCHED)) && !ending.signal.aborted) await sleep(POLL_MS);
// 0 also where the benchmark found gaps: the Job has done what it is for, and the code stands in its last line.
process.exit(0);

async function run(line: readonly string[]): Promise<number> {
  const program = fileURLToPath(new URL('../../run.js', import.meta.url));
  // What it prints at its end is made of its result, by whoever fetches that.
  const child = spawn(process.execPath, [program, ...line], { stdio: ['ignore', 'ignore', 'inherit'] });
  let isRunning = true;
  for (const signal of SIGNALS)
    process.on(signal, () => {
      // The Pod is being deleted, unless somebody asks the run alone to end.
      if (signal === 'SIGTERM' || !isRunning) ending.abort();
      child.kill(signal);
    });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  isRunning = false;
  return code ?? 1;
}

async function archiveOf(directory: string): Promise<Buffer> {
  if (!existsSync(directory)) return Buffer.alloc(0);
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' }).toSorted();
  const tar = pack();
  const whole = buffer(tar);
  for (const name of names) {
    const path = join(directory, name);
    // Copies of config files with the addresses of Pods that are gone.
    if (name.startsWith('.services') || !statSync(path).isFile()) continue;
    const content = readFileSync(path);
    await new Promise<void>((resolve, reject) => {
      tar.entry({ name, size: content.length }, content, (error) =>
        error instanceof Error ? reject(error) : resolve(),
      );
    });
  }
  tar.finalize();
  return whole;
}
