import { mkdirSync, rmSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { BenchError, messageOf } from '../errors.js';
import { exitOfPlace } from '../place-fault.js';

/**
 * Writes the page that an option asked for, at once or not at all.
 * @param path absolute
 * @param option its name, for a person who has to name another file
 * @throws BenchError `output-unwritable`
 */
export function writePage(path: string, content: string, option = 'markdown'): void {
  const part = `${path}.part`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(part, content);
    renameSync(part, path);
  } catch (cause) {
    rmSync(part, { force: true });
    throw new BenchError({
      code: 'output-unwritable',
      message: `--${option} ${path} cannot be written: ${messageOf(cause)}.`,
      hint: 'Name another file.',
      exitCode: exitOfPlace(cause),
      cause,
    });
  }
}
