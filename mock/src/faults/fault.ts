/** The fault of a whole port: nobody listens, and connections are refused by the kernel (ECONNREFUSED). */
export const CLOSED_PORT = 'connection-refused';

/** Faults that are said in the provider's own words. */
const SPOKEN = ['error', 'rate-limit', 'overload', 'context-length', 'error-body', 'html'] as const;

/** Faults that are played on the connection, below HTTP. */
const ON_THE_WIRE = [
  'refuse',
  'reset',
  'reset-after-head',
  'stall',
  'cut',
  'cut-reset',
  'cut-bytes',
  'cut-bytes-reset',
  'slow-head',
  'trickle',
] as const;

/** Faults of answers that are whole as HTTP and wrong in what they say. */
const IN_THE_ANSWER = [
  'bad-json',
  'no-done',
  'duplicate',
  'reorder',
  'bad-frame',
  'error-frame',
  'incomplete',
  'content-filter',
  'refusal',
] as const;

/** Every fault there is; the place in this list is its number in the ledger. */
export const FAULT_KINDS: readonly [
  ...typeof SPOKEN,
  ...typeof ON_THE_WIRE,
  ...typeof IN_THE_ANSWER,
  typeof CLOSED_PORT,
] = [...SPOKEN, ...ON_THE_WIRE, ...IN_THE_ANSWER, CLOSED_PORT];

/** The name of a fault. */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** One way to fail. */
export interface Fault {
  readonly kind: FaultKind;
  /** What the number behind the name says: a status, seconds, frames, bytes or milliseconds. */
  readonly value: number;
}

/** A fault that is played on the connection. */
export type WireFault = Fault & { readonly kind: (typeof ON_THE_WIRE)[number] };

/** A fault of what an answer says. */
export type AnswerFault = Fault & { readonly kind: (typeof IN_THE_ANSWER)[number] };

/** True for the faults that are played on the connection itself. */
export function isWireFault(fault: Fault): fault is WireFault {
  return (ON_THE_WIRE as readonly string[]).includes(fault.kind);
}

/** True for the faults of what an answer says. */
export function isAnswerFault(fault: Fault): fault is AnswerFault {
  return (IN_THE_ANSWER as readonly string[]).includes(fault.kind);
}

/** What the number behind a name means; null where there is none, and `overload` cannot be asked for. */
interface Form {
  readonly kind: FaultKind;
  readonly value: {
    readonly means: string;
    readonly low: number;
    readonly high: number;
    readonly otherwise?: number;
  } | null;
  readonly does: string;
}

const FRAMES = { means: 'frames', low: 0, high: 1_000_000 };
const BYTES = { means: 'bytes', low: 0, high: 1_000_000_000 };
const MIDDLE = { means: 'frame, the middle one by default', low: 0, high: 1_000_000, otherwise: 0 };

const FORMS: readonly Form[] = [
  { kind: 'error', value: { means: 'status', low: 400, high: 599 }, does: 'answers with this status' },
  {
    kind: 'rate-limit',
    value: { means: 'seconds', low: 0, high: 3600, otherwise: 1 },
    does: 'answers 429 with Retry-After',
  },
  { kind: 'context-length', value: null, does: 'answers 400: the request is longer than the model can read' },
  { kind: 'error-body', value: null, does: 'answers 200 with an error as its body' },
  {
    kind: 'html',
    value: { means: 'status', low: 400, high: 599, otherwise: 502 },
    does: 'answers as a proxy does, with a page of HTML',
  },
  { kind: 'refuse', value: null, does: 'closes the connection without an answer' },
  { kind: 'reset', value: null, does: 'resets the connection without an answer' },
  { kind: 'reset-after-head', value: null, does: 'resets the connection behind the head' },
  {
    kind: 'stall',
    value: { ...FRAMES, otherwise: -1 },
    does: 'sends nothing, or nothing more behind this many frames',
  },
  { kind: 'cut', value: FRAMES, does: 'closes behind this many frames; a plain answer in the middle' },
  { kind: 'cut-reset', value: FRAMES, does: 'the same with a reset' },
  { kind: 'cut-bytes', value: BYTES, does: 'closes behind this many bytes, head included' },
  { kind: 'cut-bytes-reset', value: BYTES, does: 'the same with a reset' },
  { kind: 'error-frame', value: MIDDLE, does: 'ends a stream with an error behind this frame' },
  { kind: 'incomplete', value: MIDDLE, does: 'ends early as one that ran out of tokens' },
  { kind: 'content-filter', value: MIDDLE, does: 'ends early as one that a filter stopped' },
  { kind: 'refusal', value: MIDDLE, does: 'ends with a refusal' },
  { kind: 'bad-json', value: MIDDLE, does: 'breaks the JSON of the answer or of one frame' },
  { kind: 'bad-frame', value: MIDDLE, does: 'leaves out the blank line behind a frame' },
  { kind: 'no-done', value: null, does: 'leaves out the last frame' },
  { kind: 'duplicate', value: MIDDLE, does: 'sends a frame twice' },
  { kind: 'reorder', value: MIDDLE, does: 'sends a frame behind the next one' },
  {
    kind: 'slow-head',
    value: { means: 'ms', low: 1, high: 3_600_000 },
    does: 'takes this long for the head, byte by byte',
  },
  {
    kind: 'trickle',
    value: { means: 'ms', low: 1, high: 60_000, otherwise: 1 },
    does: 'sends single bytes this far apart',
  },
  { kind: CLOSED_PORT, value: null, does: 'closes the port (in a rule, with from, to and every only)' },
];

/** Every form that can be asked for, one a line, for `--help`. */
export const FAULT_HELP: string = FORMS.map(({ kind, value, does }) => {
  const number = value === null ? '' : value.otherwise === undefined ? ':N' : '[:N]';
  return `  ${(kind + number).padEnd(20)} ${does}${value === null ? '' : ` (${value.means})`}`;
}).join('\n');

/**
 * Reads a fault: its name, and a number where it takes one, as in `cut:5`.
 * @throws {RangeError} that names the text and what is allowed
 */
export function parseFault(text: string): Fault {
  const colon = text.indexOf(':');
  const name = colon === -1 ? text : text.slice(0, colon);
  const form = FORMS.find(({ kind }) => kind === name);
  if (form === undefined) {
    throw new RangeError(`${JSON.stringify(name)} is not a fault (${FORMS.map(({ kind }) => kind).join(', ')})`);
  }
  const { kind, value } = form;
  if (colon === -1) {
    if (value !== null && value.otherwise === undefined)
      throw new RangeError(`fault ${kind} needs its ${value.means}: ${kind}:N`);
    return { kind, value: value?.otherwise ?? 0 };
  }
  const digits = text.slice(colon + 1);
  const number = Number(digits);
  if (value === null) throw new RangeError(`fault ${kind} takes no number`);
  if (!/^\d{1,10}$/.test(digits) || number < value.low || number > value.high) {
    throw new RangeError(
      `fault ${kind}: ${JSON.stringify(digits)} is not a whole number from ${value.low} to ${value.high} (${value.means})`,
    );
  }
  return { kind, value: number };
}

/** A fault's number in the ledger. */
export function faultNumber(fault: Fault): number {
  return FAULT_KINDS.indexOf(fault.kind);
}
