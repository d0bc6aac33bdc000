import { workerData } from 'node:worker_threads';
import { monotonicUs } from '../clock/clock.js';
import { BURNT, type BurnTask, OWED, SETTLED } from './burner.js';

/** What is owed beyond is let off: a rate that one core cannot burn for would be burnt for long after it. */
const MOST_OWED = 64;

const { memory, burnUs } = workerData as BurnTask;
const counts = new Int32Array(memory);

for (;;) burnOne();

function burnOne(): void {
  const [owed, settled] = [Atomics.load(counts, OWED), Atomics.load(counts, SETTLED)];
  if (owed === settled) {
    Atomics.wait(counts, OWED, owed);
    return;
  }
  const untilUs = monotonicUs() + burnUs;
  while (monotonicUs() < untilUs);
  Atomics.add(counts, BURNT, 1);
  Atomics.store(counts, SETTLED, Math.max(settled + 1, owed - MOST_OWED));
}
