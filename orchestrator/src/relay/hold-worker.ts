import { receiveMessageOnPort, type MessagePort, workerData } from 'node:worker_threads';
import { monotonicUs } from '../clock/clock.js';
import { writeDirect } from '../clock/direct-write.js';
import { runFirst, wakeExactly } from '../clock/thread-scheduling.js';
import {
  type DispatchBuffers,
  HANDED_OVER,
  type HeldRequest,
  openDispatchMemory,
  type PartlyWritten,
  PENDING,
  WRITING,
  WRITTEN,
} from './dispatch-memory.js';
import { WakeAhead } from './wake-ahead.js';

/** What the thread is started with. */
export interface HoldTask {
  readonly buffers: DispatchBuffers;
  readonly port: MessagePort;
}

const { buffers, port } = workerData as HoldTask;
const { control, state, passedOnUs } = openDispatchMemory(buffers);
/** Last due first, so that the next one is taken off the end. */
const held: HeldRequest[] = [];
const ahead = new WakeAhead();

wakeExactly();
runFirst();
for (;;) holdOne();

/** Sleeps until something comes or is nearly due, spins the rest, passes on. The thread has no event loop: it only ever waits here. */
function holdOne(): void {
  const seen = Atomics.load(control, HANDED_OVER);
  takeIn();
  const next = held.at(-1);
  if (next === undefined) {
    Atomics.wait(control, HANDED_OVER, seen);
    return;
  }
  const wakeUs = next.dueUs - ahead.us;
  const now = monotonicUs();
  if (now < wakeUs) {
    const undisturbed = Atomics.wait(control, HANDED_OVER, seen, (wakeUs - now) / 1000) === 'timed-out';
    if (!undisturbed) return;
    ahead.learn(monotonicUs() > next.dueUs);
  }
  let passedAt = monotonicUs();
  while (passedAt < next.dueUs) passedAt = monotonicUs();
  held.pop();
  passOn(next, passedAt);
}

function takeIn(): void {
  for (;;) {
    const received = receiveMessageOnPort(port);
    if (received === undefined) return;
    const message = received.message as HeldRequest;
    let place = held.length;
    while (place > 0 && (held[place - 1] as HeldRequest).dueUs <= message.dueUs) place -= 1;
    held.splice(place, 0, message);
  }
}

function passOn({ slot, descriptor, bytes }: HeldRequest, atUs: number): void {
  if (Atomics.compareExchange(state, slot, PENDING, WRITING) !== PENDING) return;
  passedOnUs[slot] = atUs;
  const written = descriptor < 0 ? 0 : writeDirect(descriptor, bytes);
  Atomics.store(state, slot, WRITTEN);
  if (written !== bytes.length) port.postMessage({ slot, written } satisfies PartlyWritten);
}
