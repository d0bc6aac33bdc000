import { InterpolationFault, type Lookup, interpolate } from './interpolate.js';

/** What is wrong with one line of an env file; lines count from 1. */
export interface EnvFileFault {
  readonly line: number;
  readonly message: string;
  readonly hint: string;
}

/** The variables of an env file, and all that is wrong with it. */
export interface EnvFile {
  readonly variables: ReadonlyMap<string, string>;
  readonly faults: readonly EnvFileFault[];
}

const BLANK = '[\\t\\v\\f\\r \\u0085\\u00a0]';
const STATEMENT = new RegExp(`^(?:export\\s+)?(?<name>[^=:\\n]*?)${BLANK}*(?<sign>[=:\\n]|$)${BLANK}*`, 'u');
const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '"': '"',
  '\\': '\\',
  // Left to the interpolation, for which two dollar signs are one that begins nothing.
  $: '$$',
};

/**
 * Reads an env file as Compose does: `NAME=value` or `NAME: value`, quotes, comments behind a blank, values over several lines in
 * quotes, variables of the shell and of earlier lines everywhere but in single quotes. A name alone is what `outer` has, or nothing.
 *
 * Written here because Compose has a dialect of its own (`A= # c` is the text "# c", `B=x#y` has no comment): the `dotenv` package
 * makes another text of more than half the cases in `test/fixtures/compose`, and says nothing.
 * Source: https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file-syntax
 * @param outer what is set already, and beats earlier lines where a value names a variable
 */
export function parseEnvFile(text: string, outer: Lookup): EnvFile {
  const variables = new Map<string, string>();
  const faults: EnvFileFault[] = [];
  const lookup: Lookup = (name) => outer(name) ?? variables.get(name);
  let rest = text.replace(/^\uFEFF/, '');
  const lineOf = (): number => text.slice(0, text.length - rest.length).split('\n').length;
  for (;;) {
    rest = rest.replace(/^(?:\s+|#[^\n]*)+/u, '');
    if (rest === '') return { variables, faults };
    const line = lineOf();
    const fault = (message: string, hint: string): void => {
      faults.push({ line, message, hint });
    };
    const statement = STATEMENT.exec(rest);
    const name = statement?.groups?.['name']?.trimEnd() ?? '';
    const isBadName = / /.test(name) || !/^[\p{L}\p{N}_.\-[\]\s]*$/u.test(name);
    if (statement === null || isBadName) {
      fault(`${JSON.stringify(rest.split('\n', 1)[0])} sets no variable`, 'Write NAME=value; a name has no blank.');
      rest = rest.slice(endOfLine(rest));
      continue;
    }
    rest = rest.slice(statement[0].length);
    if (statement.groups?.['sign'] !== '=' && statement.groups?.['sign'] !== ':') {
      const value = outer(name);
      if (value !== undefined) variables.set(name, value);
      continue;
    }
    try {
      const { value, length } = readValue(rest, lookup);
      variables.set(name, value);
      rest = rest.slice(length);
    } catch (thrown) {
      if (!(thrown instanceof InterpolationFault)) throw thrown;
      fault(`${name}: ${thrown.message}`, thrown.hint);
      rest = rest.slice(endOfLine(rest));
    }
  }
}

function endOfLine(text: string): number {
  const end = text.indexOf('\n');
  return end < 0 ? text.length : end;
}

/** A value and how much of the text it takes; text behind a closing quote begins the next statement. */
function readValue(text: string, lookup: Lookup): { value: string; length: number } {
  const quote = text[0];
  if (quote !== '"' && quote !== "'") {
    const length = endOfLine(text);
    const [value = ''] = text.slice(0, length).split(' #', 1);
    return { value: interpolate(value.trimEnd(), lookup), length };
  }
  const quoted = (quote === '"' ? /^"((?:\\[^]|[^"\\])*)"/ : /^'((?:\\[^]|[^'\\])*)'/).exec(text);
  if (quoted === null) {
    throw new InterpolationFault(
      `the quote that opens here is never closed`,
      'Close it, or put other quotes around the value.',
    );
  }
  const [{ length }, body = ''] = quoted;
  const value = body.replaceAll(`\\${quote}`, quote);
  return { value: quote === '"' ? interpolate(unescape(value), lookup) : value, length };
}

function unescape(text: string): string {
  return text.replace(/\\([abcfnrtv$"\\]|0\d{0,3})/g, (whole, code: string) => {
    if (!code.startsWith('0')) return ESCAPES[code] ?? whole;
    return /^0[0-3][0-7]{2}$/.test(code) ? String.fromCodePoint(Number.parseInt(code, 8)) : whole;
  });
}
