import { basename } from 'node:path';
import { formOf, type TraceForm } from './trace-columns.js';
import { TraceFaults } from './trace-faults.js';
import { openTraceFile } from './trace-file.js';
import { microsecondsOf, MOST_TOKENS, tokensOf } from './trace-values.js';

/** The part of a trace that is replayed. */
export interface TracePart {
  /** From so long after the file's first request on, microseconds. */
  readonly fromUs: number;
  /** For so long, microseconds of the trace's own time; infinite: to its end. */
  readonly forUs: number;
  /** So many times as fast as it once came. */
  readonly speed: number;
}

/** All of a trace, as fast as it came. */
export const WHOLE_TRACE: TracePart = { fromUs: 0, forUs: Number.POSITIVE_INFINITY, speed: 1 };

/** Whether a part leaves nothing of a trace out, and its times as they are. */
export function isWholeTrace({ fromUs, forUs, speed }: TracePart): boolean {
  return fromUs === WHOLE_TRACE.fromUs && forUs === WHOLE_TRACE.forUs && speed === WHOLE_TRACE.speed;
}

/** Requests as they once came: when, how large the prompt, how long the answer. One entry a request, in the order of their times. */
export interface Trace {
  /** Without its folder. */
  readonly file: string;
  /** Of the file's bytes, in hexadecimal. */
  readonly sha256: string;
  readonly part: TracePart;
  /** Requests within the part that had no answer when the trace was taken; they are not sent. */
  readonly unanswered: number;
  /** Microseconds after the first request of the part, at the speed asked for. */
  readonly atUs: Float64Array;
  readonly promptTokens: Uint32Array;
  readonly outputTokens: Uint32Array;
}

const MAX_ROWS = 2_000_000;
const MAX_SPAN_US = 86_400e6;

/**
 * Reads a trace, as a stream: of a file of any size only the requests of the part are held.
 * @throws BenchError `trace-unreadable`, `trace-invalid`
 */
export function readTrace(path: string, part: TracePart = WHOLE_TRACE): Trace {
  const file = openTraceFile(path);
  const requests = parseTrace(file.lines, path, part);
  return { file: basename(path), sha256: file.sha256(), part, ...requests };
}

/**
 * Parses a trace: CSV with a header, where further columns are passed over, or JSON lines. Times count from the first row.
 * @param path for errors
 * @throws BenchError `trace-invalid` with every kind of fault, where it is first and how often, and what is allowed
 */
export function parseTrace(
  lines: Iterable<string>,
  path: string,
  part: TracePart = WHOLE_TRACE,
): Omit<Trace, 'file' | 'sha256' | 'part'> {
  const faults = new TraceFaults(path);
  const rows = new Rows(faults, part);
  let form: TraceForm | null = null;
  let line = 0;
  let isBeforeHeader = true;
  /** Empty lines at the end are none, others are faults. */
  let empty: number[] = [];
  for (const text of lines) {
    line += 1;
    if (isBeforeHeader) {
      isBeforeHeader = false;
      const first = text.replace(/^\uFEFF/, '');
      form = formOf(first, faults);
      if (!form.hasHeader) rows.add(line, form, first);
    } else if (text.trim() === '') empty.push(line);
    else if (form !== null && !rows.isPastEnd) {
      for (const at of empty) faults.add('empty', at, '0 values', 'Remove empty lines.');
      empty = [];
      rows.add(line, form, text);
    }
  }
  if (form === null) throw faults.fatal(1, 'it is empty', 'A trace has a header and two rows at least.');
  faults.throwIfAny(rows.read);
  return rows.requests(line);
}

/** How long a replay takes: to the last request and as long again as one lies behind another on average. Microseconds. */
export function spanUs({ atUs }: Pick<Trace, 'atUs'>): number {
  return ((atUs.at(-1) ?? 0) * atUs.length) / (atUs.length - 1);
}

class Rows {
  readonly #faults: TraceFaults;
  readonly #part: TracePart;
  readonly #atUs: number[] = [];
  readonly #promptTokens: number[] = [];
  readonly #outputTokens: number[] = [];
  #read = 0;
  #unanswered = 0;
  #startUs: number | null = null;
  #lastUs = 0;

  constructor(faults: TraceFaults, part: TracePart) {
    this.#faults = faults;
    this.#part = part;
  }

  /** Rows that were looked at. */
  get read(): number {
    return this.#read;
  }

  /** Whether the part has ended: what follows in the file is not looked at. */
  get isPastEnd(): boolean {
    return this.#lastUs >= this.#part.fromUs + this.#part.forUs;
  }

  add(line: number, form: TraceForm, text: string): void {
    this.#read += 1;
    const values = form.values(text);
    if ('fault' in values) return this.#faults.add(values.fault, line, values.what, values.allowed);
    const sinceUs = this.#since(line, form, values.time);
    if (sinceUs === null || sinceUs < this.#part.fromUs || this.isPastEnd) return;
    const output = this.#tokens('output', line, values.output, 0);
    if (output === null) return;
    if (output === 0) {
      this.#unanswered += 1;
      return;
    }
    const prompt = this.#tokens('prompt', line, values.prompt, 1);
    if (prompt === null) return;
    if (this.#atUs.length === MAX_ROWS)
      throw this.#faults.fatal(
        line,
        `this is the row behind ${MAX_ROWS} that would be sent`,
        'Replay a part of it: --trace-from TIME and --trace-for TIME.',
      );
    this.#atUs.push(sinceUs);
    this.#promptTokens.push(prompt);
    this.#outputTokens.push(output);
  }

  requests(lines: number): Omit<Trace, 'file' | 'sha256' | 'part'> {
    const [startUs = 0] = this.#atUs;
    const { speed } = this.#part;
    const atUs = Float64Array.from(this.#atUs, (us) => (us - startUs) / speed);
    if (atUs.length < 2)
      throw this.#faults.fatal(
        lines,
        `${atUs.length} rows can be sent${this.#unanswered === 0 ? '' : `, and ${this.#unanswered} have no answer`}`,
        this.#read > atUs.length + this.#unanswered
          ? 'The part that --trace-from and --trace-for choose has two rows at least.'
          : `A trace has 2 to ${MAX_ROWS} rows.`,
      );
    const lastUs = atUs.at(-1) ?? 0;
    if (lastUs === 0) throw this.#faults.fatal(lines, 'all rows have the same time', 'A trace has a span.');
    if (lastUs > MAX_SPAN_US)
      throw this.#faults.fatal(
        lines,
        `its last row is ${(lastUs / 3600e6).toFixed(1)} h after its first, more than a day`,
        'Replay a part of it: --trace-from TIME and --trace-for TIME; or faster: --trace-speed N.',
      );
    return {
      unanswered: this.#unanswered,
      atUs,
      promptTokens: Uint32Array.from(this.#promptTokens),
      outputTokens: Uint32Array.from(this.#outputTokens),
    };
  }

  /** Microseconds after the first row; null after a fault was added. */
  #since(line: number, { timeUnit }: TraceForm, text: string): number | null {
    const us = microsecondsOf(text, timeUnit);
    const time = `time ${JSON.stringify(text)}`;
    if (us === null) {
      this.#faults.add(
        'time',
        line,
        `${time} is none`,
        'Give seconds from 0 on, such as 12.5, or a date and time, such as 2023-11-16 18:17:03.98.',
      );
      return null;
    }
    this.#startUs ??= us;
    const sinceUs = us - this.#startUs;
    if (sinceUs < this.#lastUs) {
      this.#faults.add('order', line, `${time} is before that of a row above`, 'Sort the rows by time.');
      return null;
    }
    this.#lastUs = sinceUs;
    return sinceUs;
  }

  #tokens(of: 'prompt' | 'output', line: number, text: string, least: number): number | null {
    const count = tokensOf(text);
    if (count !== null && count >= least && count <= MOST_TOKENS[of]) return count;
    this.#faults.add(
      of,
      line,
      `${of} tokens ${JSON.stringify(text.trim())} cannot be asked for`,
      `Tokens of the ${of} are a whole number up to ${MOST_TOKENS[of]}${least === 0 ? ', 0 for a request without an answer' : ''}.`,
    );
    return null;
  }
}
