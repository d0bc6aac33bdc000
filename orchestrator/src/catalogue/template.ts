/** What a line of a mounted file may be told about: where the mock is. */
const NAMES = ['mock-url', 'mock-host', 'mock-port', 'second-port'] as const;
type Name = (typeof NAMES)[number];

/**
 * The mark of a line, which stands in a comment of it: `port_value: 9999 # bench[9999={mock-port}]`. As it stands the file is what the
 * gateway reads when Compose starts it, with the default; with another mock the default is replaced, in that line, before the mark.
 */
const MARK = /bench\[([^\]=]+)=\{([^}\]]*)\}\]/g;

/** A line whose mark says nothing that could be done. */
export interface TemplateFault {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** The text with its marked lines made for a mock at a port. @param host where that is; an address, because some read nothing else */
export function filledTemplate(text: string, mockPort: number, host = '127.0.0.1'): string {
  const values: Readonly<Record<Name, string>> = {
    'mock-url': `http://${host}:${mockPort}`,
    'mock-host': host,
    'mock-port': String(mockPort),
    // Of the second provider of a mock that plays several.
    'second-port': String(mockPort + 1),
  };
  return linesOf(text)
    .map((line) => {
      const start = line.search(MARK);
      if (start === -1) return line;
      const marks = [...line.slice(start).matchAll(MARK)];
      return marks.reduce(
        (filled, [, usual = '', name]) => filled.replaceAll(usual, values[name as Name] ?? usual),
        line.slice(0, start),
      );
    })
    .join('\n');
}

/** What is wrong with the marks of a text. */
export function templateFaults(text: string): TemplateFault[] {
  const lines = linesOf(text);
  const faults = lines.flatMap((line, i) =>
    [...line.matchAll(MARK)].flatMap(([mark, usual = '', name = '']): TemplateFault[] => {
      const fault = (message: string): TemplateFault[] => [{ line: i + 1, message }];
      if (!NAMES.some((known) => known === name))
        return fault(`{${name}} in ${mark} is none of ${NAMES.map((known) => `{${known}}`).join(', ')}`);
      return line.slice(0, line.search(MARK)).includes(usual) ? [] : fault(`${mark}: there is no "${usual}" before it`);
    }),
  );
  if (faults.length > 0 || lines.some((line) => line.search(MARK) !== -1)) return faults;
  return [{ line: 1, message: 'no line of it has a mark such as bench[9999={mock-port}]' }];
}

function linesOf(text: string): string[] {
  return text.split('\n');
}
