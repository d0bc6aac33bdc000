import { errors } from 'undici';
import { messageOf } from '../errors.js';

/** How a question ended without a whole answer. */
type Silence = 'refused' | 'closed' | 'late' | 'other';

const REFUSED = ['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'];
const CLOSED = ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'];
const LATE = ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT'];

/** A question that got no answer, or a part of one: by whose doing, as far as this side can see it. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly silence: Silence;
  /** Whether a head had come. */
  readonly begun: boolean;

  constructor(thrown: unknown, begun: boolean, timeoutMs: number) {
    const silence = silenceOf(thrown);
    super(wordsOf(silence, thrown, begun, timeoutMs), { cause: thrown });
    this.silence = silence;
    this.begun = begun;
  }

  /**
   * Whether it may be the race that HTTP leaves open (RFC 9112, 9.3.1): the other side closed a kept connection while the request was on
   * its way. Then nothing of an answer came, and the mock never saw the request.
   */
  get mayBeStale(): boolean {
    return this.silence === 'closed' && !this.begun;
  }
}

function silenceOf(thrown: unknown): Silence {
  const code = codeOf(thrown);
  if (REFUSED.includes(code)) return 'refused';
  if (CLOSED.includes(code)) return 'closed';
  if (LATE.includes(code) || (thrown instanceof Error && thrown.name === 'TimeoutError')) return 'late';
  return 'other';
}

function codeOf(thrown: unknown): string {
  if (thrown instanceof AggregateError) return codeOf(thrown.errors[0]);
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
}

function wordsOf(silence: Silence, thrown: unknown, begun: boolean, timeoutMs: number): string {
  if (silence === 'refused') return `nothing takes connections there (${messageOf(thrown) || codeOf(thrown)})`;
  if (silence === 'closed')
    return `the other side closed the connection ${begun ? 'in the middle of its answer' : 'before a byte of an answer'}`;
  if (silence === 'late') return `${begun ? 'no whole answer' : 'no answer'} within ${timeoutMs / 1000} s`;
  return thrown instanceof errors.HTTPParserError ? `what came is no HTTP (${messageOf(thrown)})` : messageOf(thrown);
}
