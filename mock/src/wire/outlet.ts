import type { Socket } from 'node:net';
import type { Frame } from './frames.js';
import type { Reply, StreamReply } from './reply.js';
import type { Stamp } from './stamp.js';

/**
 * Where the bytes of one answer go: the connection itself, or node:http's response.
 * Each call hands its bytes over in one write and says how many they were. What has ids in it is told the answer's number, and a head
 * all that it says of this answer.
 */
export interface Outlet {
  /** Sends a whole answer; the exchange is over. */
  send(reply: Reply, stamp: Stamp): number;
  /** Sends a whole stream at once; the exchange is over. */
  sendStream(stream: StreamReply, stamp: Stamp): number;
  /** Sends a stream's head with its first frame. */
  open(stream: StreamReply, first: Frame, stamp: Stamp): number;
  /** Sends one more frame. */
  frame(frame: Frame, answer: number): number;
  /** Sends the last frame together with the end of the stream; the exchange is over. */
  lastFrame(frame: Frame, answer: number): number;
  /** Ends a stream behind a frame that did not look like the last one; the exchange is over. */
  close(): number;
  /** True while the peer takes less than it is sent, so that no more should be written now. */
  readonly congested: boolean;
  /** Calls back once when the congestion is over. */
  whenDrained(callback: () => void): void;
  /** True when the kernel has taken everything that was sent. */
  readonly flushed: boolean;
  /** Calls back once when it has, or (false) when the connection went away before. */
  whenFlushed(callback: (taken: boolean) => void): void;
  /** Calls back when the connection goes away before the exchange is over. One callback; a later one takes its place. */
  whenLost(callback: () => void): void;
  /** When the first byte of the request came, on the clock of `performance.now()`; undefined when all of it came just now. */
  readonly arrivedMs: number | undefined;
  /** Whether the peer reads chunked coding; one of HTTP/1.0 does not. */
  readonly chunked: boolean;
  /** The connection, for the faults that break it. */
  readonly socket: Socket;
}
