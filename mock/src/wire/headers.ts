/** Response headers in the order they are sent, without Date and without the framing ones, which the wire adds. */
export type Headers = readonly (readonly [name: string, value: string])[];

/** Headers with others laid over them, which take the place of those of the same name. */
export function withHeaders(headers: Headers, over: Headers): Headers {
  const names = new Set(over.map(([name]) => name.toLowerCase()));
  return [...headers.filter(([name]) => !names.has(name.toLowerCase())), ...over];
}
