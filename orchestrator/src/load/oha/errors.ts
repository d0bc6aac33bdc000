import type { ErrorKind } from '../../record/trial.js';

/**
 * The kind of an error that oha reports, or null when it is none: with `-w` oha waits for everything in flight, so what it calls
 * `aborted due to deadline` is a worker that was still waiting for something to do.
 *
 * oha gives nothing but the text: its own, hyper's or the system's. What is not recognised is `other`, never dropped.
 */
export function ohaErrorKind(message: string): ErrorKind | null {
  if (message === 'aborted due to deadline') return null;
  // The request's time-out and the connection's read the same.
  if (message === 'timeout') return 'timeout';
  const system = /\(os error (\d+)\)$/.exec(message);
  if (system !== null)
    return RESET_NUMBERS.has(Number(system[1])) ? 'reset' : wantOf(message) === null ? 'connect' : 'exhausted';
  return KINDS.find(([pattern]) => pattern.test(message))?.[1] ?? 'other';
}

/**
 * What this side lacked, by the system's word for it, where that is what the message says; else null. The number alone would not do: macOS
 * and Linux give the same ones to different errors.
 */
export function wantOf(message: string): string | null {
  return WANTS.find(([pattern]) => pattern.test(message))?.[1] ?? null;
}

/** strerror(3) of glibc, musl and macOS. */
const WANTS: readonly (readonly [RegExp, string])[] = [
  [/^(Too many open files|No file descriptors available) \(os error 24\)$/, 'EMFILE'],
  [/^Too many open files in system \(os error 23\)$/, 'ENFILE'],
  [
    /^(Cannot|Can't) assign requested address \(os error (99|49)\)$|^Address not available \(os error 99\)$/,
    'EADDRNOTAVAIL',
  ],
  [/^No buffer space available \(os error (105|55)\)$/, 'ENOBUFS'],
  [/^(Cannot allocate memory|Out of memory) \(os error 12\)$/, 'ENOMEM'],
  [/^Resource temporarily unavailable \(os error (11|35)\)$/, 'EAGAIN'],
];

/**
 * ECONNRESET and EPIPE on Linux and macOS. Every other bare system error comes out of connecting (refused, unreachable, no port
 * left): on an open connection hyper wraps them.
 */
const RESET_NUMBERS: ReadonlySet<number> = new Set([104, 54, 32]);

/** The texts of hyper 1 (its error.rs) and of oha's name lookup. */
const KINDS: readonly (readonly [RegExp, ErrorKind])[] = [
  [/^error reading a body from connection/, 'truncated'],
  [/^(connection error|connection closed before message completed|connection was not ready)/, 'reset'],
  [/^(operation was canceled|channel closed|error writing a body to connection)/, 'reset'],
  [/^(invalid|unexpected) (HTTP|URI|content-length|transfer-encoding)/, 'malformed'],
  [/^(URI too long|message head is too large|received unexpected message from connection)/, 'malformed'],
  [/DNS|no records? found|lookup/i, 'connect'],
];
