import type { Socket } from 'node:net';
import type { Frame } from '../stream/frames.js';
import type { Reply, StreamReply } from './reply.js';

/**
 * Where the bytes of one answer go: the connection itself, or node:http's response.
 * Each call hands its bytes to the kernel in one write.
 */
export interface Outlet {
  /** Sends a whole answer; the exchange is over. */
  send(reply: Reply): void;
  /** Sends a whole stream at once; the exchange is over. */
  sendStream(stream: StreamReply): void;
  /** Sends a stream's head with its first frame. */
  open(stream: StreamReply, first: Frame): void;
  /** Sends one more frame. */
  frame(frame: Frame): void;
  /** Ends a stream, with one more frame in the same write when there is one; the exchange is over. */
  close(last?: Frame): void;
  /** True while the peer takes less than it is sent, so that no more should be written now. */
  readonly congested: boolean;
  /** Calls back once when the congestion is over. */
  whenDrained(callback: () => void): void;
  /** Calls back when the connection goes away before the exchange is over. */
  whenLost(callback: () => void): void;
  /** The connection, for the faults that break it. */
  readonly socket: Socket;
}
