import { BenchError, EXIT, messageOf } from '../../errors.js';

/** An answer of the engine that says no: its HTTP status and its own reason. */
export interface Refusal {
  readonly statusCode: number;
  readonly reason: string;
}

/**
 * The engine's refusal in something thrown by dockerode; null when the engine did not answer at all.
 * Only the status code is for judging (404 no such thing, 409 conflict, 304 nothing to do); the reason is for people.
 */
export function refusalOf(thrown: unknown): Refusal | null {
  if (!(thrown instanceof Error) || !('statusCode' in thrown) || typeof thrown.statusCode !== 'number') return null;
  return { statusCode: thrown.statusCode, reason: reasonOf(thrown) };
}

/** Whether the engine answered with one of these status codes. */
export function isRefusal(thrown: unknown, ...statusCodes: readonly number[]): boolean {
  const refusal = refusalOf(thrown);
  return refusal !== null && statusCodes.includes(refusal.statusCode);
}

/**
 * Everything that is no answer of the engine is a broken connection: `engine-gone`. Refusals, BenchErrors and
 * faults of this program pass unchanged.
 */
export function engineFault(thrown: unknown, address: string, action: string): unknown {
  if (thrown instanceof BenchError || refusalOf(thrown) !== null || isProgrammingFault(thrown)) return thrown;
  return engineGone(address, `the connection broke while it was asked to ${action}: ${messageOf(thrown)}`, thrown);
}

/** The Docker engine stopped answering. */
export function engineGone(address: string, detail: string, cause?: unknown): BenchError {
  return new BenchError({
    code: 'engine-gone',
    message: `the Docker engine at ${address} is gone: ${detail}`,
    hint: 'Start the engine again, then continue with --resume; containers that were left behind are swept at the next start.',
    cause,
  });
}

/** The person asked to stop. */
export function interrupted(): BenchError {
  return new BenchError({ code: 'interrupted', message: 'interrupted', exitCode: EXIT.interrupted });
}

/** The engine answered, but would not create or start a container. */
export function startFailed(name: string, reason: string, hint?: string, cause?: unknown): BenchError {
  return new BenchError({
    code: 'start-failed',
    message: `${name} could not be started: ${reason}`,
    ...(hint === undefined ? {} : { hint }),
    cause,
  });
}

function isProgrammingFault(thrown: unknown): boolean {
  return thrown instanceof TypeError || thrown instanceof ReferenceError || thrown instanceof RangeError;
}

// Endpoints that dockerode reads whole carry the engine's JSON; those that it streams only have it inside the message text.
function reasonOf(error: Error): string {
  const { json } = error as { json?: unknown };
  if (typeof json === 'object' && json !== null && 'message' in json && typeof json.message === 'string') {
    return json.message.trim();
  }
  return error.message.replace(/^\(HTTP code \d+\) .*? - /s, '').trim();
}
