import { Worker } from 'node:worker_threads';
import { programFile } from '../installation.js';

// Words of the shared memory.
/** Requests for which a core is to be kept busy, so far; the burning thread waits on it. */
export const OWED = 0;
/** Those that are done with, and those for which it really was. */
export const SETTLED = 1;
export const BURNT = 2;
const WORDS = 3;

/** What the thread is started with. */
export interface BurnTask {
  readonly memory: SharedArrayBuffer;
  readonly burnUs: number;
}

/**
 * Keeps a core busy for some time a request, in a thread of its own: what is planted is work that others have to do without, and no delay of
 * the request itself.
 */
export class Burner {
  readonly #counts: Int32Array;
  readonly #burnUs: number;

  /** @param burnUs a request */
  constructor(burnUs: number) {
    const memory = new SharedArrayBuffer(4 * WORDS);
    this.#counts = new Int32Array(memory);
    this.#burnUs = burnUs;
    const workerData: BurnTask = { memory, burnUs };
    const worker = new Worker(programFile('relay/burn-worker.js'), { workerData });
    worker.on('error', (error) => {
      throw error;
    });
  }

  /** A request has come. */
  burn(): void {
    Atomics.add(this.#counts, OWED, 1);
    Atomics.notify(this.#counts, OWED);
  }

  /** For how long a core was kept busy so far, microseconds. */
  get burntUs(): number {
    return Atomics.load(this.#counts, BURNT) * this.#burnUs;
  }
}
