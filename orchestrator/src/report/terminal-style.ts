import { createColors } from 'picocolors';
import { type Colour, colourOf } from './target-colour.js';

/** Where text is printed to: how wide it is, and whether it may be coloured. */
export interface TerminalStyle {
  readonly columns: number;
  readonly colour: boolean;
}

/** Paints text, or leaves it as it is. */
export type Paint = ReturnType<typeof createColors>;

/** Without a terminal there is no width to ask for; this is what people's logs and issues hold. */
const DEFAULT_COLUMNS = 100;

/** Narrower than this no table is one. */
const LEAST_COLUMNS = 20;

/**
 * How wide an output is: COLUMNS where it is exported, as for other programs, then the terminal's own width.
 * @param otherwise the width without either
 */
export function columnsOf(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  environment: Readonly<Record<string, string | undefined>>,
  otherwise = DEFAULT_COLUMNS,
): number {
  const asked = /^\d{1,5}$/.test(environment['COLUMNS'] ?? '') ? Number(environment['COLUMNS']) : 0;
  if (asked >= LEAST_COLUMNS) return asked;
  return (stream.isTTY === true ? stream.columns : undefined) ?? otherwise;
}

/** The style of an output: coloured only on a terminal and without NO_COLOR (no-color.org: set and not empty). */
export function styleOf(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  environment: Readonly<Record<string, string | undefined>>,
): TerminalStyle {
  const onTerminal = stream.isTTY === true;
  const refused = (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb';
  return { columns: columnsOf(stream, environment), colour: onTerminal && !refused };
}

export function paintFor({ colour }: TerminalStyle): Paint {
  return createColors(colour);
}

/** The 256 colours of terminals (ECMA-48, extended by xterm); those of 16 would not do for as many targets. */
const TERMINAL_COLOUR: Readonly<Record<Colour, number>> = {
  grey: 245,
  sienna: 208,
  cyan: 39,
  blue: 33,
  violet: 135,
  green: 35,
  rose: 168,
  mustard: 178,
  olive: 106,
  crimson: 161,
  teal: 30,
  brown: 137,
  magenta: 170,
};

/** Paints text in the colour of a target. */
export function paintTarget(target: string, text: string, { colour }: TerminalStyle): string {
  return colour ? `\u001B[38;5;${TERMINAL_COLOUR[colourOf(target)]}m${text}\u001B[39m` : text;
}
