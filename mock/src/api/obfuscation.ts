const LETTERS = 'kT7vQ2mZ9xLr4NwB';

/** The member that hides how long a token is, when the request asks for it: together they are always equally long. */
export function padding(ask: { readonly obfuscate: boolean }, token: string): { obfuscation?: string } {
  if (!ask.obfuscate) return {};
  return { obfuscation: token === '' ? '' : LETTERS.slice(token.length % LETTERS.length) };
}
