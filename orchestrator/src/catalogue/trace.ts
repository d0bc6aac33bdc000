import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { messageOf, usageError } from '../errors.js';

/** Requests as they once came: when, how large the prompt, how long the answer. One entry a request, in the order of their times. */
export interface Trace {
  /** Without its folder. */
  readonly file: string;
  /** Of the file's bytes, in hexadecimal. */
  readonly sha256: string;
  /** Microseconds after the first request. */
  readonly atUs: Float64Array;
  readonly promptTokens: Uint32Array;
  readonly outputTokens: Uint32Array;
}

/** What of a column is read, and by which names, in lower case without spaces and signs. */
const COLUMNS = {
  time: ['times', 'timestamp'],
  prompt: ['prompttokens', 'contexttokens', 'requesttokens'],
  output: ['outputtokens', 'generatedtokens', 'responsetokens'],
} as const;
type ColumnName = keyof typeof COLUMNS;

const LIMITS = { prompt: 1_000_000, output: 100_000 } as const;
const MAX_ROWS = 2_000_000;
const MAX_SPAN_US = 86_400e6;

const HEADERS =
  'time_s,prompt_tokens,output_tokens, or that of the Azure LLM inference traces (TIMESTAMP,ContextTokens,GeneratedTokens) or of BurstGPT ' +
  '(Timestamp,Model,Request tokens,Response tokens,…)';

/**
 * Reads a trace.
 * @throws BenchError `trace-unreadable`, `trace-invalid`
 */
export function readTrace(path: string): Trace {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw usageError('trace-unreadable', `--trace ${path} cannot be read: ${messageOf(cause)}.`, 'Give a CSV file.');
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { file: basename(path), sha256, ...parseTrace(new TextDecoder().decode(bytes), path) };
}

/**
 * Parses a trace: CSV with a header, further columns are passed over. Times are seconds, or dates with a time of day, and count from the
 * first row.
 * @param path for errors
 * @throws BenchError `trace-invalid` with file and line, the value, and what is allowed
 */
export function parseTrace(text: string, path: string): Omit<Trace, 'file' | 'sha256'> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  while (lines.at(-1)?.trim() === '') lines.pop();
  const [header = '', ...rows] = lines;
  const fault = (line: number, what: string, allowed: string): Error =>
    usageError('trace-invalid', `${path}:${line}: ${what}.`, allowed);
  if (rows.length < 2 || rows.length > MAX_ROWS) {
    const range = `A trace has a header and 2 to ${MAX_ROWS} rows.`;
    throw fault(1, `${rows.length} rows behind the header`, range);
  }
  const width = header.split(',').length;
  const place = placesIn(header, (what) => fault(1, what, `The header has to be ${HEADERS}.`));
  const atUs = new Float64Array(rows.length);
  const tokens = { prompt: new Uint32Array(rows.length), output: new Uint32Array(rows.length) };
  let startUs = 0;
  for (const [row, content] of rows.entries()) {
    const line = row + 2;
    const cells = content.split(',');
    if (cells.length !== width)
      throw fault(line, `${cells.length} values`, `Each row has as many values as the header: ${width}.`);
    const time = cells[place.time] as string;
    const us = microseconds(time.trim());
    if (us === null)
      throw fault(
        line,
        `time ${JSON.stringify(time)} is none`,
        'Give seconds from 0 on, such as 12.5, or a date and time, such as 2023-11-16 18:17:03.98.',
      );
    if (row === 0) startUs = us;
    const at = us - startUs;
    if (row > 0 && at < (atUs[row - 1] as number))
      throw fault(line, `time ${JSON.stringify(time)} is before that of the row above`, 'Sort the rows by time.');
    if (at > MAX_SPAN_US)
      throw fault(
        line,
        `time ${JSON.stringify(time)} is more than a day after the first`,
        'Cut the file to the part that is to be replayed.',
      );
    atUs[row] = at;
    for (const name of ['prompt', 'output'] as const) {
      const value = (cells[place[name]] as string).trim();
      const count = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
      if (!(count >= 1 && count <= LIMITS[name]))
        throw fault(
          line,
          `${name} tokens ${JSON.stringify(value)} cannot be asked for`,
          `Give a whole number from 1 to ${LIMITS[name]}; leave out requests that failed when the trace was taken.`,
        );
      tokens[name][row] = count;
    }
  }
  if (atUs.at(-1) === 0) throw fault(rows.length + 1, 'all rows have the same time', 'A trace has a span.');
  return { atUs, promptTokens: tokens.prompt, outputTokens: tokens.output };
}

/** How long a replay takes: to the last request and as long again as one lies behind another on average. Microseconds. */
export function spanUs({ atUs }: Pick<Trace, 'atUs'>): number {
  return ((atUs.at(-1) ?? 0) * atUs.length) / (atUs.length - 1);
}

function placesIn(header: string, fault: (what: string) => Error): Record<ColumnName, number> {
  const names = header.split(',').map((name) => name.toLowerCase().replaceAll(/[^a-z]/g, ''));
  const placeOf = (column: ColumnName): number => {
    const places = names.flatMap((name, at) => ((COLUMNS[column] as readonly string[]).includes(name) ? [at] : []));
    const [place] = places;
    if (place === undefined || places.length > 1)
      throw fault(
        `${places.length === 0 ? 'no' : 'more than one'} column for the ${column === 'time' ? 'time' : `${column} tokens`} in ${JSON.stringify(header.slice(0, 100))}`,
      );
    return place;
  };
  return { time: placeOf('time'), prompt: placeOf('prompt'), output: placeOf('output') };
}

const DATE = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/;

/** Of a number of seconds, or of a date since 1970; null when it is neither. Not by Date alone, which ends at milliseconds. */
function microseconds(text: string): number | null {
  if (/^\d{1,12}(\.\d*)?$/.test(text)) return Number(text) * 1e6;
  const [whole, date = '', time = '', fraction = '0', zone = 'Z'] = DATE.exec(text) ?? [];
  const ms = whole === undefined ? Number.NaN : Date.parse(`${date}T${time}${zone}`);
  return Number.isNaN(ms) ? null : ms * 1000 + Number(`0${fraction}`) * 1e6;
}
