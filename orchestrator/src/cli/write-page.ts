import { mkdirSync, rmSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { BenchError, messageOf } from '../errors.js';
import { exitOfPlace } from '../place-fault.js';

/**
 * Writes the page that `--markdown` asked for, at once or not at all.
 * @param path absolute
 * @throws BenchError `output-unwritable`
 */
export function writePage(path: string, content: string): void {
  const part = `${path}.part`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(part, content);
    renameSync(part, path);
  } catch (cause) {
    rmSync(part, { force: true });
    throw new BenchError({
      code: 'output-unwritable',
      message: `--markdown ${path} cannot be written: ${messageOf(cause)}.`,
      hint: 'Name another file.',
      exitCode: exitOfPlace(cause),
      cause,
    });
  }
}
