import { timingSafeEqual } from 'node:crypto';
import { ApiFailure } from '../api/endpoint.js';
import type { ControlReach } from '../config.js';
import type { Message } from '../wire/message.js';

/** Carries the token of `--control token`. */
const TOKEN_HEADER = 'x-bench-token';

/**
 * Lets a request of another host pass, or not.
 * @throws {ApiFailure} 403, with what would open the endpoints
 */
export function requireReach(reach: ControlReach, message: Pick<Message, 'header'>): void {
  if (reach === 'any') return;
  if (reach === 'loopback') {
    const text =
      'The control endpoints answer on loopback only; start the mock with --control any, or --control token, to open them.';
    throw new ApiFailure({ status: 403, message: text });
  }
  const given = message.header(TOKEN_HEADER);
  if (given === undefined || !isSame(given, reach.token))
    throw new ApiFailure({
      status: 403,
      message: `The control endpoints answer other hosts only with the right token in ${TOKEN_HEADER}.`,
    });
}

/** In a time that tells nothing of where two tokens differ. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
