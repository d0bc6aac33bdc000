import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { OWN_PROGRAM } from '../../installation.js';
import { answerRests, HandOut } from './hand-out.js';
import { FETCHED, RESULTS } from './result.js';
import { RunArchive, unpack } from './run-archive.js';
import { STORED, WORDS_VARIABLE, WORK } from './run-objects.js';

/** A follower that was cut off comes back within this time, or nobody does. */
const HELD_MS = 900_000;
/** And where its Pod is being deleted, or evicted, in less than its grace period. */
const HELD_ENDING_MS = 40_000;
const POLL_MS = 500;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs the benchmark in a Pod, hands out what it has measured, and keeps its result until it is fetched. The benchmark is a process of its own:
 * whatever becomes of it, what it has written by then is handed over.
 */
const words = JSON.parse(readFileSync(process.env[WORDS_VARIABLE] ?? '', 'utf8')) as string[];
const results = join(WORK, RESULTS);
await putStored();
const handOut = new HandOut(new RunArchive(results), WORK, (line) => process.stderr.write(`${line}\n`));
/** When the Pod began to be deleted, `performance.now()`; null: it is not. */
let endingAt: number | null = null;
const exitCode = await run(words);
await handOut.conclude(exitCode);
const doneAt = performance.now();
while (isHeld() && !existsSync(join(WORK, FETCHED))) await sleep(POLL_MS);
// 0 also where the benchmark found gaps: the Job has done what it is for, and the code stands in its last line.
process.exit(0);

/** Whether somebody may still come. Of a Pod that is being deleted only whoever has come before. */
function isHeld(): boolean {
  const now = performance.now();
  if (endingAt !== null) return handOut.isHeard && now - endingAt < HELD_ENDING_MS;
  return now - doneAt < HELD_MS;
}

/** Puts the interrupted run that goes on where its records are looked for. */
async function putStored(): Promise<void> {
  if (!existsSync(STORED)) return;
  const parts = readdirSync(STORED).filter((name) => name.startsWith('part-'));
  if (parts.length === 0) return;
  mkdirSync(results, { recursive: true });
  await unpack(gunzipSync(Buffer.concat(parts.toSorted().map((name) => readFileSync(join(STORED, name))))), results);
}

async function run(line: readonly string[]): Promise<number> {
  // What it prints at its end is made of its result, by whoever fetches that.
  const child = spawn(process.execPath, [OWN_PROGRAM, ...line], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  answerRests(child, async () => handOut.rest());
  let isRunning = true;
  for (const signal of SIGNALS)
    process.on(signal, () => {
      // The Pod is being deleted, unless somebody asks the run alone to end.
      if (signal === 'SIGTERM' || !isRunning) endingAt ??= performance.now();
      child.kill(signal);
    });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  isRunning = false;
  return code ?? 1;
}
