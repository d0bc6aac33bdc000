import type { Socket } from 'node:net';
import type { Frame } from '../wire/frames.js';
import type { Outlet } from '../wire/outlet.js';
import type { Answer, Reply, StreamReply } from '../wire/reply.js';
import type { Stamp } from '../wire/stamp.js';

/** Called with an answer that begins to leave, and its number. */
type Keep = (answer: Answer, number: number) => void;

/** Another outlet, and somebody who is told what leaves through it: the answer as it is given, with whatever fault it plays. */
export class KeepingOutlet implements Outlet {
  readonly #outlet: Outlet;
  readonly #keep: Keep;

  constructor(outlet: Outlet, keep: Keep) {
    this.#outlet = outlet;
    this.#keep = keep;
  }

  send(reply: Reply, stamp: Stamp): number {
    this.#keep(reply, stamp.answer);
    return this.#outlet.send(reply, stamp);
  }

  sendStream(stream: StreamReply, stamp: Stamp): number {
    this.#keep(stream, stamp.answer);
    return this.#outlet.sendStream(stream, stamp);
  }

  open(stream: StreamReply, first: Frame, stamp: Stamp): number {
    this.#keep(stream, stamp.answer);
    return this.#outlet.open(stream, first, stamp);
  }

  frame(frame: Frame, answer: number): number {
    return this.#outlet.frame(frame, answer);
  }

  lastFrame(frame: Frame, answer: number): number {
    return this.#outlet.lastFrame(frame, answer);
  }

  close(): number {
    return this.#outlet.close();
  }

  whenDrained(callback: () => void): void {
    this.#outlet.whenDrained(callback);
  }

  whenFlushed(callback: (taken: boolean) => void): void {
    this.#outlet.whenFlushed(callback);
  }

  whenLost(callback: () => void): void {
    this.#outlet.whenLost(callback);
  }

  get congested(): boolean {
    return this.#outlet.congested;
  }

  get flushed(): boolean {
    return this.#outlet.flushed;
  }

  get arrivedMs(): number | undefined {
    return this.#outlet.arrivedMs;
  }

  get chunked(): boolean {
    return this.#outlet.chunked;
  }

  get socket(): Socket {
    return this.#outlet.socket;
  }
}
