// Keeps one CPU from sleeping: spins for a fixed span around each due time of a schedule that it is told, and sleeps otherwise. A program of
// its own, so that it can run in the idle class on one CPU: whoever else is ready runs before it. It ends with the program that
// started it, whatever that dies of: nobody writes to its input any more, or it has another parent.
import { spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { monotonicUs } from '../../clock/clock.js';
import { wakeExactly } from '../../clock/thread-scheduling.js';
import type { AwakeOrder, AwakeReport } from './keep-awake.js';
import { intendedTimes } from './schedule.js';

/** How long the sleep goes on at most without a look whether anybody is still there. */
const LOOK_MS = 200;
const parent = process.ppid;
const cell = new Int32Array(new SharedArrayBuffer(4));

// What a terminal sends to everybody is for the program that started it, which ends it when its trial has ended.
process.on('SIGINT', () => {});
wakeExactly();
// By itself, and only once it is loaded: in that class a busy machine would let it wait for minutes.
spawnSync('chrt', ['--idle', '--all-tasks', '--pid', '0', String(process.pid)], { stdio: 'ignore' });
for await (const line of createInterface({ input: process.stdin })) {
  const { startedAtUs, schedule, beforeUs, afterUs } = JSON.parse(line) as AwakeOrder;
  const times = intendedTimes(schedule);
  // From here on: the program's own start takes more than spinning for a while does.
  const before = process.cpuUsage();
  for (const dueUs of times) {
    sleepUntil(startedAtUs + dueUs - beforeUs);
    while (monotonicUs() < startedAtUs + dueUs + afterUs);
  }
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(`${JSON.stringify({ cpuUs: user + system } satisfies AwakeReport)}\n`);
}

function sleepUntil(atUs: number): void {
  for (let leftMs = (atUs - monotonicUs()) / 1000; leftMs > 0; leftMs = (atUs - monotonicUs()) / 1000) {
    Atomics.wait(cell, 0, 0, Math.min(LOOK_MS, leftMs));
    if (process.ppid !== parent) process.exit();
  }
}
