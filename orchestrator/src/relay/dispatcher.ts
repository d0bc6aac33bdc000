import { MessageChannel, Worker } from 'node:worker_threads';
import { programFile } from '../installation.js';
import { monotonicUs } from '../clock/clock.js';
import { descriptorOf } from '../clock/direct-write.js';
import type { Socket } from 'node:net';
import {
  CANCELLED,
  CAPACITY,
  HANDED_OVER,
  makeDispatchBuffers,
  openDispatchMemory,
  type PartlyWritten,
  PENDING,
  WRITING,
} from './dispatch-memory.js';
import type { HoldTask } from './hold-worker.js';
import type { Planted } from './planted.js';

/** A request on its way, until it is passed on. */
export interface Dispatch {
  readonly slot: number;
  readonly upstream: Socket;
  readonly bytes: Uint8Array;
}

/**
 * How long every request is held, whatever is planted. So all relays go the same way, over to the other thread, asleep, awake before
 * the time, and out by the same system call, and differ by their delay alone. Long enough to be over after the hand-over in all
 * but the far tail: what is handed over late would be held longer in the relay without a delay, and in no other.
 */
export const BASE_HOLD_US = 500;

/**
 * Passes requests on at their time and remembers when it did. A thread of its own keeps the time and writes to the sockets'
 * descriptors, because an event loop wakes to the millisecond.
 */
export class Dispatcher {
  readonly #memory;
  readonly #port;
  readonly #receivedUs = new Float64Array(CAPACITY);
  readonly #meantUs = new Float64Array(CAPACITY);
  readonly #waiting = new Map<number, Dispatch>();
  #requests = 0;

  constructor() {
    const buffers = makeDispatchBuffers();
    this.#memory = openDispatchMemory(buffers);
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on('message', (message: PartlyWritten) => this.#finish(message));
    const task: HoldTask = { buffers, port: port2 };
    const worker = new Worker(programFile('relay/hold-worker.js'), {
      workerData: task,
      transferList: [port2],
    });
    worker.on('error', (error) => {
      throw error;
    });
  }

  /**
   * Passes a request on when it is due: {@link BASE_HOLD_US} and what is planted from now.
   * @param receivedUs when it had come whole
   * @param bytes are kept until then; the caller must not change them
   */
  dispatch(upstream: Socket, bytes: Uint8Array, receivedUs: number, meantUs: number): Dispatch {
    const slot = this.#requests % CAPACITY;
    this.#requests += 1;
    this.#receivedUs[slot] = receivedUs;
    this.#meantUs[slot] = meantUs;
    const dispatch = { slot, upstream, bytes };
    this.#memory.passedOnUs[slot] = Number.NaN;
    Atomics.store(this.#memory.state, slot, PENDING);
    this.#waiting.set(slot, dispatch);
    // From now, not from its arrival: what the relay itself took until here is the same with and without a delay.
    const dueUs = monotonicUs() + BASE_HOLD_US + meantUs;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port between threads, not a window
    this.#port.postMessage({ slot, dueUs, descriptor: descriptorOf(upstream), bytes });
    Atomics.add(this.#memory.control, HANDED_OVER, 1);
    Atomics.notify(this.#memory.control, HANDED_OVER);
    return dispatch;
  }

  /** Makes sure that a request is not written any more: its connection is about to be closed. */
  cancel({ slot }: Dispatch): void {
    const { state } = this.#memory;
    this.#waiting.delete(slot);
    if (Atomics.compareExchange(state, slot, PENDING, CANCELLED) === PENDING) return;
    // One system call long at most, and the descriptor may be somebody else's once it is closed.
    while (Atomics.load(state, slot) === WRITING);
  }

  /** The answer has begun: what was sent needs no keeping. */
  settle({ slot }: Dispatch): void {
    this.#waiting.delete(slot);
  }

  /** What was planted so far, oldest first. */
  planted(): Omit<Planted, 'sins' | 'burntUs'> {
    const rows = Math.min(this.#requests, CAPACITY);
    const slots = Array.from({ length: rows }, (_, i) => (this.#requests - rows + i) % CAPACITY);
    const epochOffsetMs = Date.now() - monotonicUs() / 1000;
    return {
      receivedAtMs: slots.map((slot) => tenths((this.#receivedUs[slot] as number) / 1000 + epochOffsetMs)),
      meantUs: slots.map((slot) => tenths(this.#meantUs[slot] as number)),
      heldUs: slots.map((slot) => {
        const heldUs = (this.#memory.passedOnUs[slot] as number) - (this.#receivedUs[slot] as number);
        return Number.isNaN(heldUs) ? null : tenths(heldUs);
      }),
    };
  }

  #finish({ slot, written }: PartlyWritten): void {
    const dispatch = this.#waiting.get(slot);
    if (dispatch === undefined) return;
    this.#waiting.delete(slot);
    if (written < 0) dispatch.upstream.destroy();
    else dispatch.upstream.write(dispatch.bytes.subarray(written));
  }
}

/** The clock tells no more. */
function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
