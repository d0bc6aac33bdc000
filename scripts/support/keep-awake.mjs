// Keeps one core from sleeping: spins for a fixed span around each due time of a schedule that it is told, and sleeps otherwise.
// Meant to be run in the idle class on one CPU (chrt --idle 0 taskset -c N): whoever else is ready runs before it. It ends with
// the program that started it, whatever that dies of: nobody reads its input any more, or it has another parent.
import { createInterface } from 'node:readline';
import { monotonicUs } from '../../orchestrator/build/clock/clock.js';
import { wakeExactly } from '../../orchestrator/build/clock/thread-scheduling.js';

/** How long the sleep is interrupted at most, to look whether anybody is still there. */
const LOOK_MS = 200;
const parent = process.ppid;
const cell = new Int32Array(new SharedArrayBuffer(4));

wakeExactly();
for await (const line of createInterface({ input: process.stdin })) {
  const { startedAtUs, gapUs, count, beforeUs, afterUs } = JSON.parse(line);
  // From here on: a program's own start takes more than spinning for a while does.
  const before = process.cpuUsage();
  for (let k = 0; k < count; k++) {
    const dueUs = startedAtUs + k * gapUs;
    sleepUntil(dueUs - beforeUs);
    while (monotonicUs() < dueUs + afterUs);
  }
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(`${JSON.stringify({ cpuUs: user + system })}\n`);
}

function sleepUntil(atUs) {
  for (let leftMs = (atUs - monotonicUs()) / 1000; leftMs > 0; leftMs = (atUs - monotonicUs()) / 1000) {
    Atomics.wait(cell, 0, 0, Math.min(LOOK_MS, leftMs));
    if (process.ppid !== parent) process.exit();
  }
}
