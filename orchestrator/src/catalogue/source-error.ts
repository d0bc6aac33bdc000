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
  return new BenchError({
    code: 'compose-invalid',
    message: `${placeIn(source, offset)}: ${message}`,
    hint,
    exitCode: EXIT.usage,
  });
}

/** `compose/docker-compose.yml:12:5`, as editors and terminals open it; the file alone when `offset` is null. */
export function placeIn(source: SourceFile, offset: number | null): string {
  const at = offset === null ? null : source.lines.linePos(offset);
  return at === null ? shownPath(source.path) : `${shownPath(source.path)}:${at.line}:${at.col}`;
}

/** A path as a person looks for it: relative where it lies below the working directory. */
export function shownPath(path: string): string {
  const below = relative(process.cwd(), path);
  return below.startsWith('..') ? path : below;
}
