/** Why a value cannot be used, and what can; knows file and line. */
export type Fault = (what: string, allowed: string) => Error;

/** Reads the value of one column, row after row. @throws what a {@link Fault} made */
export type ValueReader = (text: string) => number;

const LIMITS = { prompt: 1_000_000, output: 100_000 } as const;
const MAX_SPAN_US = 86_400e6;

/** Of the column of times: microseconds after the first one. */
export function timeReader(fault: Fault): ValueReader {
  let startUs: number | null = null;
  let lastUs = 0;
  return (text) => {
    const us = microseconds(text.trim());
    const time = (): string => `time ${JSON.stringify(text)}`;
    if (us === null)
      throw fault(
        `${time()} is none`,
        'Give seconds from 0 on, such as 12.5, or a date and time, such as 2023-11-16 18:17:03.98.',
      );
    startUs ??= us;
    const sinceUs = us - startUs;
    if (sinceUs < lastUs) throw fault(`${time()} is before that of the row above`, 'Sort the rows by time.');
    if (sinceUs > MAX_SPAN_US)
      throw fault(`${time()} is more than a day after the first`, 'Cut the file to the part that is to be replayed.');
    lastUs = sinceUs;
    return sinceUs;
  };
}

/** Of a column of tokens. */
export function tokenReader(of: keyof typeof LIMITS, fault: Fault): ValueReader {
  return (text) => {
    const value = text.trim();
    const count = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (count >= 1 && count <= LIMITS[of]) return count;
    throw fault(
      `${of} tokens ${JSON.stringify(value)} cannot be asked for`,
      `Give a whole number from 1 to ${LIMITS[of]}; leave out requests that failed when the trace was taken.`,
    );
  };
}

const DATE = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/;

/** Of a number of seconds, or of a date since 1970; null when it is neither. Not by Date alone, which ends at milliseconds. */
function microseconds(text: string): number | null {
  if (/^\d{1,12}(\.\d*)?$/.test(text)) return Number(text) * 1e6;
  const [whole, date = '', time = '', fraction = '0', zone = 'Z'] = DATE.exec(text) ?? [];
  const ms = whole === undefined ? Number.NaN : Date.parse(`${date}T${time}${zone}`);
  return Number.isNaN(ms) ? null : ms * 1000 + Number(`0${fraction}`) * 1e6;
}
