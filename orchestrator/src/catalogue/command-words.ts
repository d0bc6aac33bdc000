import { split } from 'shlex';

/** A command in one text that Compose would not pass on as it stands. */
export class CommandFault extends Error {
  readonly hint: string;

  constructor(message: string, hint = 'Write a list of words, for example ["sh", "-c", "one && two"].') {
    super(message);
    this.hint = hint;
  }
}

/** What is quoted or escaped, as a unit: all else stands bare. */
const PROTECTED = /\\[^]|'[^']*'|"(?:\\[^]|[^"\\])*"/g;

/**
 * The words of a command that is written as one text, split as a shell would, without expansion. Where Compose's splitter does
 * something else than a shell, and in silence, the command is refused: it cuts it off at a bare `;`, `&`, `|`, `<` or `>`, makes a
 * word of an escaped line break, and drops other backslashes inside of double quotes.
 * @throws CommandFault
 */
export function commandWords(text: string): string[] {
  for (const [unit] of text.matchAll(PROTECTED)) refuseEscapes(unit);
  const bare = text.replaceAll(PROTECTED, (unit) => (unit.startsWith('\\') ? '' : '""'));
  if (/["'\\]/.test(bare.replaceAll('""', ''))) {
    throw new CommandFault('a quote or a backslash is left open', 'Close it, or write a list of words.');
  }
  const operator = /[;&|<>]/.exec(bare)?.[0];
  if (operator !== undefined) throw new CommandFault(`Compose drops everything from the bare "${operator}" on`);
  const other = /[()`]|\$(?="")/.exec(bare)?.[0];
  if (other !== undefined) throw new CommandFault(`a bare "${other}" is not read: there is no shell here`);
  return split(text);
}

function refuseEscapes(unit: string): void {
  if (unit.startsWith('\\\n')) {
    throw new CommandFault(
      'Compose makes a word of a backslash with a line break',
      'Leave the backslash out: a line break parts words anyway.',
    );
  }
  const dropped = unit.startsWith('"')
    ? /\\([^"\\])/.exec(unit.replaceAll(/\\["\\]/g, ''))?.[1]
    : /^\\([nt])/.exec(unit)?.[1];
  if (dropped !== undefined) {
    throw new CommandFault(
      `no shell reads "\\${dropped}" here as Compose does`,
      'Write a list of words, or use single quotes.',
    );
  }
}
