import { createColors } from 'picocolors';

/** Where text is printed to: how wide it is, and whether it may be coloured. */
export interface TerminalStyle {
  readonly columns: number;
  readonly colour: boolean;
}

/** Paints text, or leaves it as it is. */
export type Paint = ReturnType<typeof createColors>;

/** Without a terminal there is no width to ask for; this is what people's logs and issues hold. */
const DEFAULT_COLUMNS = 100;

/** The style of an output: coloured only on a terminal and without NO_COLOR (no-color.org: set and not empty). */
export function styleOf(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  environment: Readonly<Record<string, string | undefined>>,
): TerminalStyle {
  const onTerminal = stream.isTTY === true;
  const refused = (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb';
  return { columns: (onTerminal ? stream.columns : undefined) ?? DEFAULT_COLUMNS, colour: onTerminal && !refused };
}

export function paintFor({ colour }: TerminalStyle): Paint {
  return createColors(colour);
}
