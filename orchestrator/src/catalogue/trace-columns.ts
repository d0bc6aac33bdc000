import { csvValues, delimiterOf } from './csv-row.js';
import type { TraceFaults } from './trace-faults.js';
import type { TimeUnit } from './trace-values.js';

/** The three values of a row as texts, or what is wrong with it. */
export type RowValues =
  | { readonly time: string; readonly prompt: string; readonly output: string }
  | { readonly fault: string; readonly what: string; readonly allowed: string };

/** How the rows of a file are read. */
export interface TraceForm {
  readonly timeUnit: TimeUnit;
  /** Whether the first line is a header, and no request. */
  readonly hasHeader: boolean;
  readonly values: (line: string) => RowValues;
}

type ColumnName = 'time' | 'prompt' | 'output';

/** What of a column is read, and by which names, in lower case without spaces and signs; times also with the unit they are in. */
const COLUMNS: Readonly<Record<ColumnName, Readonly<Record<string, TimeUnit | null>>>> = {
  time: { times: 's', timestamp: 's', timems: 'ms', timestampms: 'ms', timeus: 'us', timestampus: 'us' },
  prompt: { prompttokens: null, contexttokens: null, requesttokens: null },
  output: { outputtokens: null, generatedtokens: null, responsetokens: null },
};

const FORMS =
  'CSV with the header time_s,prompt_tokens,output_tokens, or that of the Azure LLM inference traces ' +
  '(TIMESTAMP,ContextTokens,GeneratedTokens) or of BurstGPT (Timestamp,Model,Request tokens,Response tokens,…); or JSON lines as ' +
  'Mooncake has them ({"timestamp": MILLISECONDS, "input_length": TOKENS, "output_length": TOKENS}).';

/**
 * What a file is, from its first line.
 * @throws BenchError `trace-invalid` when its header lacks a column
 */
export function formOf(first: string, faults: TraceFaults): TraceForm {
  if (first.trimStart().startsWith('{')) return { timeUnit: 'ms', hasHeader: false, values: jsonValues };
  const delimiter = delimiterOf(first);
  const names = (csvValues(first, delimiter) ?? []).map((name) => name.toLowerCase().replaceAll(/[^a-z]/g, ''));
  const placeOf = (column: ColumnName): number => {
    const places = names.flatMap((name, at) => (Object.hasOwn(COLUMNS[column], name) ? [at] : []));
    const [place] = places;
    if (place !== undefined && places.length === 1) return place;
    throw faults.fatal(
      1,
      `${place === undefined ? 'no' : 'more than one'} column for the ${column === 'time' ? 'time' : `${column} tokens`} in ${JSON.stringify(first.slice(0, 100))}`,
      `A trace is ${FORMS}`,
    );
  };
  const place = { time: placeOf('time'), prompt: placeOf('prompt'), output: placeOf('output') };
  return {
    timeUnit: COLUMNS.time[names[place.time] ?? ''] ?? 's',
    hasHeader: true,
    values: (line) => {
      const values = csvValues(line, delimiter);
      if (values?.length !== names.length) {
        const what = values === null ? 'a quote is left open' : `${line === '' ? 0 : values.length} values`;
        return { fault: 'width', what, allowed: `Each row has as many values as the header: ${names.length}.` };
      }
      return { time: values[place.time] ?? '', prompt: values[place.prompt] ?? '', output: values[place.output] ?? '' };
    },
  };
}

function jsonValues(line: string): RowValues {
  const allowed = `A line is {"timestamp": MILLISECONDS, "input_length": TOKENS, "output_length": TOKENS}.`;
  let row: Record<string, unknown>;
  try {
    row = Object(JSON.parse(line)) as Record<string, unknown>;
  } catch {
    return { fault: 'json', what: `${JSON.stringify(line.slice(0, 60))} is no JSON`, allowed };
  }
  const missing = ['timestamp', 'input_length', 'output_length'].find((key) => !Object.hasOwn(row, key));
  if (missing !== undefined) return { fault: `no ${missing}`, what: `it has no "${missing}"`, allowed };
  return { time: String(row['timestamp']), prompt: String(row['input_length']), output: String(row['output_length']) };
}
