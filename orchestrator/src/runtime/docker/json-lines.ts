import type { Readable } from 'node:stream';

/**
 * The JSON values of an engine's stream, one a line. Unlike docker-modem's followProgress it fails when the connection
 * breaks in the middle, instead of taking that for the end, and a line that is not JSON rejects instead of crashing.
 */
export async function* jsonLines(stream: Readable): AsyncGenerator {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line);
  }
  if (rest.trim() !== '') yield JSON.parse(rest);
}
