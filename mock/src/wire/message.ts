import type { Outlet } from './outlet.js';

/** A request as it came in, whichever way. Valid only while it is being served. */
export interface Message {
  readonly method: string;
  /** The path without its query. */
  readonly path: string;
  /** What follows the `?`, empty when there is none. */
  readonly query: string;
  /** A header's value by its lower-case name. */
  header(name: string): string | undefined;
  /** The whole body. */
  readonly body: Buffer;
}

/** Whoever answers what connections read: they know nothing else of it. */
export interface Server {
  /** Answers one request through `outlet`, at once or later. */
  serve(message: Message, outlet: Outlet): void;
}
