import { CLOSED_PORT, parseFault, type Fault } from './fault.js';
import { ANSWER_KINDS, FINISH_REASONS, MAX_CALLS, type AnswerParts } from '../api/answer-wish.js';
import { MARKER_CLOSING, MARKER_OPENING } from '../api/marker.js';
import { MAX_TOKENS } from '../api/tokens.js';
import { parseLatency, type Latency } from '../timing/latency.js';

/** What one request wishes of the mock. */
export interface Directive {
  /** Correlation id, 1 to 32 of `[A-Za-z0-9_-]`. */
  readonly id?: string;
  readonly ttft?: Latency;
  readonly gap?: Latency;
  readonly tokens?: number;
  readonly errorRate?: number;
  readonly status?: number;
  readonly fault?: Fault;
  /** What the answer is to be. */
  readonly answer?: AnswerParts;
  /** It is refused where the provider would refuse it, or is not. */
  readonly strict?: boolean;
  /** What arrived is kept, to be asked for at `/__bench/received`. Only a request with an id can be found there. */
  readonly keep?: true;
}

/** A wish that cannot be read; the message names it and what is allowed. */
export class DirectiveError extends Error {
  override readonly name = 'DirectiveError';
}

const TELLTALE = /rate.?limit|overload/i;

const ONLY_ID = /^id=[A-Za-z0-9_-]{1,32}$/;
const MAX_MARKER_BYTES = 256;

/**
 * The first marker `[[bench key=value …]]` in a body. Gateways carry message text on unchanged where they drop headers,
 * so this is how a request speaks to the mock through one.
 * @throws {DirectiveError} also for a marker that does not end within 256 bytes: its wishes, or its id, would be lost in silence
 */
export function bodyDirective(body: Buffer): Directive | undefined {
  const start = body.indexOf(MARKER_OPENING);
  if (start === -1) return undefined;
  const window = body.subarray(start + MARKER_OPENING.length, start + MAX_MARKER_BYTES);
  const length = window.indexOf(MARKER_CLOSING);
  if (length === -1) {
    throw new DirectiveError(`bench marker: no "]]" within ${MAX_MARKER_BYTES} bytes of its "[[bench "`);
  }
  return parseDirective(window.toString('latin1', 0, length));
}

const NO_WISHES: Directive = {};

/**
 * What a request wishes: the header `x-bench` with the marker in its body laid over it.
 * @throws {DirectiveError}
 */
export function wishesOf(header: string | undefined, body: Buffer): Directive {
  const marker = bodyDirective(body);
  if (header !== undefined) return { ...parseDirective(header), ...marker };
  return marker ?? NO_WISHES;
}

/** True when there is nothing but an id, which is what the load sends with nearly every request. */
export function changesNothing(wishes: Directive): boolean {
  for (const key in wishes) if (key !== 'id') return false;
  return true;
}

/**
 * Reads `key=value key=value …`, the text of a marker or of the header `x-bench`.
 * @throws {DirectiveError}
 */
export function parseDirective(text: string): Directive {
  // What the load sends with every request, read without taking it apart.
  if (ONLY_ID.test(text)) return { id: text.slice(3) };
  const wishes: { -readonly [K in keyof Directive]: Directive[K] } = {};
  for (const pair of text.split(' ')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const key = equals === -1 ? pair : pair.slice(0, equals);
    const value = equals === -1 ? '' : pair.slice(equals + 1);
    switch (key) {
      case 'id':
        wishes.id = id(value);
        break;
      case 'ttft':
      case 'gap':
        wishes[key] = latency(key, value);
        break;
      case 'tokens':
        wishes.tokens = number(key, value, /^\d+$/, 1, MAX_TOKENS);
        break;
      case 'error-rate':
        wishes.errorRate = number(key, value, /^\d*\.?\d+$/, 0, 1);
        break;
      case 'status':
        wishes.status = number(key, value, /^\d+$/, 400, 599);
        break;
      case 'fault':
        wishes.fault = fault(value);
        break;
      case 'strict':
        wishes.strict = oneOf(key, value, ['yes', 'no']) === 'yes';
        break;
      case 'keep':
        oneOf(key, value, ['yes']);
        wishes.keep = true;
        break;
      case 'as':
        wishes.answer = { ...wishes.answer, as: oneOf(key, value, ANSWER_KINDS) };
        break;
      case 'finish':
        wishes.answer = { ...wishes.answer, finish: oneOf(key, value, FINISH_REASONS) };
        break;
      case 'calls':
        wishes.answer = { ...wishes.answer, calls: number(key, value, /^\d+$/, 0, MAX_CALLS) };
        break;
      case 'tool':
        wishes.answer = { ...wishes.answer, tool: decoded(key, value) };
        break;
      case 'say':
        wishes.answer = { ...wishes.answer, say: decoded(key, value) };
        break;
      default:
        throw new DirectiveError(
          `bench marker: unknown key "${key}" (id, ttft, gap, tokens, error-rate, status, fault, as, say, calls, tool, finish, strict, keep)`,
        );
    }
  }
  return wishes;
}

function id(value: string): string {
  if (/^[A-Za-z0-9_-]{1,32}$/.test(value)) return value;
  throw new DirectiveError(`bench marker: id "${value}" is not 1 to 32 of A-Z a-z 0-9 _ -`);
}

function oneOf<T extends string>(key: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value);
  if (found !== undefined) return found;
  throw new DirectiveError(`bench marker: ${key} "${value}" is not one of ${allowed.join(', ')}`);
}

/** A text in which spaces, `]` and whatever is no ASCII are percent-encoded. */
function decoded(key: string, value: string): string {
  try {
    if (value !== '') return decodeURIComponent(value);
  } catch {
    // Said below.
  }
  throw new DirectiveError(`bench marker: ${key} "${value}" is not a percent-encoded text, such as ${key}=good%20day`);
}

function latency(key: string, value: string): Latency {
  try {
    const model = parseLatency(value);
    if (!model.text.startsWith('ramp:')) return model;
  } catch (error) {
    throw new DirectiveError(`bench marker: ${key} ${(error as Error).message}`);
  }
  throw new DirectiveError(
    `bench marker: ${key} "${value}" grows with the time since settings were made; give it there`,
  );
}

/** Its message lists no faults: gateways look for words such as "rate-limit" in a message, and make another error of a 400 that has one. */
function fault(value: string): Fault {
  try {
    const read = parseFault(value);
    if (read.kind !== CLOSED_PORT) return read;
  } catch {
    const shown = TELLTALE.test(value) ? 'the fault' : `fault "${value}"`;
    throw new DirectiveError(
      `bench marker: ${shown} is none that the mock plays, or its number is out of bounds; crabllm-bench mock --help has them all`,
    );
  }
  throw new DirectiveError(`bench marker: ${CLOSED_PORT} is for a whole port, not for one request; give it in a rule`);
}

function number(key: string, text: string, form: RegExp, low: number, high: number): number {
  const value = Number(text);
  if (form.test(text) && value >= low && value <= high) return value;
  throw new DirectiveError(`bench marker: ${key} "${text}" is not a number from ${low} to ${high}`);
}
