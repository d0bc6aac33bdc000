import type { Message } from '../wire/message.js';

/** Requests that are kept at most, the newest, and the largest body that is. */
const MOST_KEPT = 32;
const MAX_BODY_BYTES = 1024 * 1024;

/** A request as it arrived here. */
export interface ReceivedRequest {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** Its body as text; null where that was longer than 1 MiB. */
  readonly body: string | null;
  /** Whether the body came in chunked coding, without a length. */
  readonly chunked: boolean;
}

/** What arrived of the requests that asked to be kept: whoever stands in between may have changed them. */
export class Received {
  #kept: readonly ReceivedRequest[] = [];

  keep(id: string, message: Message): void {
    const { method, path, body } = message;
    const chunked = /\bchunked\b/i.test(message.header('transfer-encoding') ?? '');
    const text = body.length > MAX_BODY_BYTES ? null : body.toString();
    this.#kept = [...this.#kept, { id, method, path, body: text, chunked }].slice(-MOST_KEPT);
  }

  all(): readonly ReceivedRequest[] {
    return this.#kept;
  }
}
