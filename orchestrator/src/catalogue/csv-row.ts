const DELIMITERS = [',', ';', '\t'] as const;

/** What parts the values of a CSV file. */
export type Delimiter = (typeof DELIMITERS)[number];

/** The one of comma, semicolon and tab that a header has most of. */
export function delimiterOf(header: string): Delimiter {
  const count = (delimiter: Delimiter): number => header.split(delimiter).length;
  return DELIMITERS.reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}

/**
 * The values of one row of a CSV text, without the quotes around them; in quotes a delimiter parts nothing, and `""` is a quote.
 * Null where a quote is left open, as in a row with a line break inside of quotes.
 * Source: RFC 4180
 */
export function csvValues(row: string, delimiter: Delimiter): string[] | null {
  if (!row.includes('"')) return row.split(delimiter);
  const values: string[] = [];
  for (let at = 0; at <= row.length; ) {
    const quoted = row[at] === '"' ? /"((?:[^"]|"")*)"/y : null;
    if (quoted !== null) {
      quoted.lastIndex = at;
      const match = quoted.exec(row);
      if (match === null) return null;
      values.push((match[1] ?? '').replaceAll('""', '"'));
      at += match[0].length;
      if (at < row.length && row[at] !== delimiter) return null;
    } else {
      const end = row.indexOf(delimiter, at);
      values.push(row.slice(at, end === -1 ? row.length : end));
      at = end === -1 ? row.length : end;
    }
    at += 1;
  }
  return values;
}
