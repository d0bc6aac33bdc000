import { mkdirSync, rmSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { BenchError, messageOf } from '../errors.js';
import { exitOfPlace } from '../place-fault.js';

/**
 * Writes the page or picture that an option asked for, at once or not at all.
 * @param path absolute
 * @param option its name, for a person who has to name another file
 * @throws BenchError `output-unwritable`
 */
export function writePage(path: string, content: string | Uint8Array, option = 'markdown'): void {
  const part = `${path}.part`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(part, content);
    renameSync(part, path);
  } catch (cause) {
    removeIfThere(part);
    throw new BenchError({
      code: 'output-unwritable',
      message: `--${option} ${path} cannot be written: ${messageOf(cause)}.`,
      hint: 'Name another file.',
      exitCode: exitOfPlace(cause),
      cause,
    });
  }
}

/** Where a file stands in the place of a folder, nothing can be looked for below it either: what was thrown first is what is told. */
function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Nothing was written there.
  }
}
