import type { LaneConnection } from './lane-connection.js';
import { monotonicUs } from '../../clock/clock.js';
import { claimFree, claimOne, type LaneMemory, setFree, WRITING } from './lane-memory.js';
import type { OpeningPace } from './opening-pace.js';

/**
 * The connections of a lane by their index in its memory, and how many there are. Which of them are free is in memory that the pacing
 * thread shares and takes them from as well.
 */
export class ConnectionPool {
  readonly #memory: LaneMemory;
  readonly #open: (index: number) => LaneConnection;
  readonly #pace: OpeningPace;
  readonly #connections: (LaneConnection | undefined)[];
  readonly #vacant: number[];
  /** That are being opened. */
  opening = 0;
  /** That were opened so far. */
  opened = 0;
  /** That are open. */
  count = 0;
  /** The most that were open at once. */
  peak = 0;

  constructor(size: number, memory: LaneMemory, open: (index: number) => LaneConnection, pace: OpeningPace) {
    this.#memory = memory;
    this.#open = open;
    this.#pace = pace;
    this.#connections = Array.from({ length: size });
    this.#vacant = Array.from({ length: size }, (_, i) => size - 1 - i);
    memory.rowOf.fill(-1);
    memory.fdOf.fill(-1);
  }

  /** Begins to open another; does nothing when there may be no more. */
  open(): void {
    const index = this.#vacant.pop();
    if (index === undefined) return;
    this.opening += 1;
    this.#connections[index] = this.#open(index);
  }

  /** Opens as many as are to be had, and as the pace allows, for so many requests that wait. */
  openFor(waiting: number): void {
    while (this.opening < waiting && this.#vacant.length > 0 && this.#pace.take(monotonicUs())) this.open();
  }

  at(index: number): LaneConnection | undefined {
    return this.#connections[index];
  }

  /** A free one, which is then the caller's; undefined when there is none. */
  claim(): LaneConnection | undefined {
    const index = claimFree(this.#memory.free);
    return index < 0 ? undefined : this.#connections[index];
  }

  giveBack({ index }: LaneConnection): void {
    setFree(this.#memory.free, index);
  }

  /** It is open; not free until it is given back. */
  connected({ index, descriptor }: LaneConnection): void {
    this.opening -= 1;
    this.opened += 1;
    this.count += 1;
    this.peak = Math.max(this.peak, this.count);
    this.#memory.cut[index] = 0;
    this.#memory.fdOf[index] = descriptor;
  }

  /** Whether no rest of what the pacing thread wrote is still to be sent; of a connection that is not free. */
  isWrittenWhole({ index }: LaneConnection): boolean {
    const { control, cut } = this.#memory;
    // The answer may be here before the thread is back from the write.
    while (Atomics.load(control, WRITING) === index + 1);
    return Atomics.load(cut, index) === 0;
  }

  /** The rest of what the pacing thread wrote is the connection's own now. */
  handOverDone({ index }: LaneConnection): void {
    Atomics.store(this.#memory.cut, index, 0);
  }

  /** Waits until the pacing thread is not writing to the connection, which takes it some microseconds at most. */
  beforeClose({ index }: LaneConnection): void {
    const { control, free, fdOf } = this.#memory;
    claimOne(free, index);
    for (let writing = Atomics.load(control, WRITING); writing === -1 || writing === index + 1; ) {
      writing = Atomics.load(control, WRITING);
    }
    fdOf[index] = -1;
  }

  closed({ index, connected }: LaneConnection): void {
    this.#connections[index] = undefined;
    this.#vacant.push(index);
    if (connected) this.count -= 1;
  }

  *[Symbol.iterator](): Generator<LaneConnection> {
    for (const connection of this.#connections) if (connection !== undefined) yield connection;
  }
}
