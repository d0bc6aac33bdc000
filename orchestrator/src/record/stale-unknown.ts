import type { Gate } from './surroundings.js';
import type { LoadRecord } from './trial.js';

/**
 * Requests that oha lost with their connection. Whether they met an idle connection that was just being closed, which is nobody's error
 * (RFC 9112, 9.3.1), oha does not tell: errors have no row, no id, and neither the age of their connection nor a second sending. So they
 * stay errors, and the trial says that some may be none.
 */
export function staleUnknown({ driver, errors }: LoadRecord): Gate[] {
  const { reset = 0 } = errors;
  if (driver.name !== 'oha' || reset === 0) return [];
  const message =
    `${reset} requests were lost with their connection: errors here, though some may have met an idle connection that was just being closed. ` +
    'oha neither tells them apart nor sends them once more; --driver native does';
  return [{ effect: 'warning', reason: { code: 'stale-unknown', message, evidence: { requests: reset, limit: 0 } } }];
}
