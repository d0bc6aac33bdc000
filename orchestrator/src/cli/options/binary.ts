import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { OwnProgram } from '../../catalogue/own-program.js';
import { usageError } from '../../errors.js';

/**
 * `GATEWAY=PATH`, or `GATEWAY:NAME=PATH` for a target beside the gateway.
 * @throws BenchError `bad-value` when it is not understood, or PATH is no file that can be executed
 */
export function parseBinary(text: string): OwnProgram {
  const [, gateway = '', label, path = ''] = /^([^=:]*)(?::([^=]*))?=(.*)$/s.exec(text) ?? [];
  const fault = (what: string) =>
    usageError(
      'bad-value',
      `--binary ${JSON.stringify(text)}: ${what}.`,
      'Give GATEWAY=PATH, for example --binary crabllm=./target/release/crabllm, or GATEWAY:NAME=PATH for a target beside it.',
    );
  if (gateway === '' || path === '') throw fault('a gateway, "=" and the path of a program are needed');
  if (label !== undefined && !/^[a-z0-9][a-z0-9_.-]*$/.test(label))
    throw fault(`"${label}" cannot be a name (lower-case letters, digits, "-", "_", ".")`);
  const file = resolve(path);
  const why = whyNotExecutable(file);
  if (why !== null) throw fault(`${file} ${why}`);
  return { gateway, label: label ?? null, path: file };
}

function whyNotExecutable(path: string): string | null {
  const seen = statSync(path, { throwIfNoEntry: false });
  if (seen === undefined) return 'does not exist';
  if (!seen.isFile()) return 'is not a file';
  try {
    accessSync(path, constants.X_OK);
    return null;
  } catch {
    return 'may not be executed (chmod +x)';
  }
}
