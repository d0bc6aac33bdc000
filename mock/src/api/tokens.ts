/**
 * Tokens of a prompt: one for each four bytes of its JSON, rounded up. The usual rule of thumb for English text; what
 * matters is that it grows with what was sent and that anyone can recompute it.
 */
export function promptTokens(jsonBytes: number): number {
  return Math.ceil(jsonBytes / 4);
}
