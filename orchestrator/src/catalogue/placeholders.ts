/** Words in braces that `x-bench.process` may hold, in command, version and environment. */
export const PLACEHOLDERS = [
  '{config:PATH}',
  '{port}',
  '{free-port:NAME}',
  '{mock-url}',
  '{mock-host}',
  '{mock-port}',
  '{node}',
  '{mock}',
  '{sink}',
  '{npm}',
] as const;

/** One of them; group 1 is its word, group 2 what stands behind the colon. */
export const PLACEHOLDER = /\{(config|free-port|port|mock-url|mock-host|mock-port|node|mock|sink|npm)(?::([^}]+))?\}/g;

/** Those that mean nothing in a container's own command and environment, where nothing is replaced. */
export const PROCESS_ONLY = /\{(?:config:[^}]*|free-port:[^}]*|mock-(?:url|host|port))\}/;

/** Begins as a placeholder does; not behind `$` or another brace, where it belongs to a shell or a template. */
const LIKE_ONE = /(?<![{$])\{([a-z][a-z-]*)(:[^{}\s"',]*)?\}(?!\})/g;

/** Words that have a name behind a colon; the others have none. */
const WITH_NAME = new Set(['config', 'free-port']);
const KNOWN = new Set(PLACEHOLDERS.map((word) => /[a-z-]+/.exec(word)?.[0] ?? ''));

/** The first word in braces that looks like a placeholder and is none; null when there is none. */
export function unknownPlaceholder(text: string): string | null {
  for (const [whole, word = '', name] of text.matchAll(LIKE_ONE))
    if (!KNOWN.has(word) || WITH_NAME.has(word) !== (name !== undefined && name !== ':')) return whole;
  return null;
}

/** The names of the free ports that texts ask for, each once. */
export function freePortNames(texts: readonly string[]): string[] {
  const names = texts.flatMap((text) =>
    [...text.matchAll(PLACEHOLDER)].flatMap(([, word, name]) =>
      word === 'free-port' && name !== undefined ? name : [],
    ),
  );
  return [...new Set(names)];
}
