import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { messageOf, usageError } from '../errors.js';
import { CsvRows } from './csv-rows.js';
import { type Fault, timeReader, tokenReader } from './trace-values.js';

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

const MAX_ROWS = 2_000_000;

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
  const rows = new CsvRows(text);
  const fault: Fault = (what, allowed) => usageError('trace-invalid', `${path}:${rows.line}: ${what}.`, allowed);
  const { length } = rows;
  if (length < 2 || length > MAX_ROWS)
    throw fault(`${length} rows behind the header`, `A trace has a header and 2 to ${MAX_ROWS} rows.`);
  const width = rows.header.split(',').length;
  const place = placesIn(rows.header, fault);
  const [timeUs, prompt, output] = [timeReader(fault), tokenReader('prompt', fault), tokenReader('output', fault)];
  const atUs = new Float64Array(length);
  const promptTokens = new Uint32Array(length);
  const outputTokens = new Uint32Array(length);
  for (let row = 0; row < length; row++) {
    const values = rows.next();
    if (values !== width) throw fault(`${values} values`, `Each row has as many values as the header: ${width}.`);
    atUs[row] = timeUs(rows.value(place.time));
    promptTokens[row] = prompt(rows.value(place.prompt));
    outputTokens[row] = output(rows.value(place.output));
  }
  if (atUs.at(-1) === 0) throw fault('all rows have the same time', 'A trace has a span.');
  return { atUs, promptTokens, outputTokens };
}

/** How long a replay takes: to the last request and as long again as one lies behind another on average. Microseconds. */
export function spanUs({ atUs }: Pick<Trace, 'atUs'>): number {
  return ((atUs.at(-1) ?? 0) * atUs.length) / (atUs.length - 1);
}

function placesIn(header: string, fault: Fault): Record<ColumnName, number> {
  const names = header.split(',').map((name) => name.toLowerCase().replaceAll(/[^a-z]/g, ''));
  const placeOf = (column: ColumnName): number => {
    const places = names.flatMap((name, at) => ((COLUMNS[column] as readonly string[]).includes(name) ? [at] : []));
    const [place] = places;
    if (place === undefined || places.length > 1)
      throw fault(
        `${places.length === 0 ? 'no' : 'more than one'} column for the ${column === 'time' ? 'time' : `${column} tokens`} in ${JSON.stringify(header.slice(0, 100))}`,
        `The header has to be ${HEADERS}.`,
      );
    return place;
  };
  return { time: placeOf('time'), prompt: placeOf('prompt'), output: placeOf('output') };
}
