import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/**
 * Finds the file of a program.
 * @param program an absolute path, or a bare name that is looked for in `first` and then on PATH
 * @param path whether PATH is searched at all
 * @returns its path; null when there is no executable file
 */
export function findProgram(program: string, first: readonly string[], path = true): string | null {
  if (isAbsolute(program)) return isExecutable(program) ? program : null;
  if (program === '' || program.includes('/')) return null;
  const onPath = (path ? (process.env['PATH'] ?? '') : '')
    .split(delimiter)
    .filter((directory) => isAbsolute(directory));
  // What was installed here comes first: its version is the pinned one.
  const paths = [...first, ...onPath].map((directory) => join(directory, program));
  return paths.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
