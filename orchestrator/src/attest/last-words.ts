import { stripVTControlCharacters } from 'node:util';
import { folded } from './ask.js';

/** Words by which a line of a log tells of something that went wrong, in the manners of many languages and loggers. */
const TROUBLE =
  /\b(error|fatal|panic(ked)?|exception|critical|emerg|alert|traceback|abort(ed)?|fail(ed|ure)?|cannot|can't|could not|couldn't|unable|refused|denied|in use|not found|no such|not set|missing|invalid|unknown|unrecognized|unexpected|unsupported|required|killed|segfault|out of memory|EADDRINUSE|EACCES|ENOENT)\b/i;
/** Lines that say that there was no trouble. */
const CALM = /\b(0|no|without|zero) (errors?|failures?)\b/i;
const MOST_LINES = 3;
const LONGEST_LINE = 160;

/**
 * What a log says of why its program is of no use, on one line: the lines that look like trouble, wherever they stand, else the last ones.
 * Each once, without colours, time stamps and markup. `''`: it printed nothing.
 */
export function lastWords(log: string): string {
  const lines = log
    .split('\n')
    .map((line) => folded(stripVTControlCharacters(line)))
    .filter((line) => line !== '');
  const troubled = unique(lines.filter((line) => TROUBLE.test(line) && !CALM.test(line)));
  const shown =
    troubled.length > 0
      ? [...troubled.slice(0, 1), ...troubled.slice(1).slice(-(MOST_LINES - 1))]
      : unique(lines).slice(-MOST_LINES);
  return shown.map((line) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line)).join(' | ');
}

/** Lines that differ by their time, a number or an address say the same. The first of equals stays. */
function unique(lines: readonly string[]): string[] {
  const seen = new Map<string, string>();
  for (const line of lines) {
    const essence = line.replaceAll(/\d+/g, '#');
    if (!seen.has(essence)) seen.set(essence, line);
  }
  return [...seen.values()];
}
