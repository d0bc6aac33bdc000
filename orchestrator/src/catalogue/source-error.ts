import { relative } from 'node:path';
import type { LineCounter } from 'yaml';
import { BenchError, EXIT } from '../errors.js';

/** A place in a file that a person wrote, for errors that point at it. */
export interface SourceFile {
  readonly path: string;
  readonly lines: LineCounter;
}

/**
 * An error in a file that a person wrote: `compose/docker-compose.yml:12:5: …`.
 * @param offset position in the file's text, or null when only the file as a whole is meant
 */
export function sourceError(source: SourceFile, offset: number | null, message: string, hint: string): BenchError {
  const below = relative(process.cwd(), source.path);
  const shown = below.startsWith('..') ? source.path : below;
  const at = offset === null ? null : source.lines.linePos(offset);
  const place = at === null ? shown : `${shown}:${at.line}:${at.col}`;
  return new BenchError({ code: 'compose-invalid', message: `${place}: ${message}`, hint, exitCode: EXIT.usage });
}
