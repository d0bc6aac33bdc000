import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { LineCounter } from 'yaml';
import { ComposeFaults } from './compose-faults.js';
import { type EnvFile, parseEnvFile } from './env-file.js';
import type { Lookup } from './interpolate.js';

/**
 * Where a compose file finds variables: the shell, then `.env` beside the file, then `COMPOSE_PROJECT_NAME`, which Compose sets by
 * itself from the file's `name` or its folder.
 * @throws BenchError `compose-invalid` for a `.env` that Compose would not read
 */
export function projectVariables(
  composePath: string,
  shell: NodeJS.ProcessEnv,
): (projectName: string | null) => Lookup {
  const folder = dirname(resolve(composePath));
  const dotenv = join(folder, '.env');
  const inShell: Lookup = (name) => (Object.hasOwn(shell, name) ? shell[name] : undefined);
  // Compose, too, reads over a folder of that name.
  const beside = isFile(dotenv) ? readEnvFile(dotenv, inShell) : new Map<string, string>();
  return (projectName) => (name) =>
    inShell(name) ??
    beside.get(name) ??
    (name === 'COMPOSE_PROJECT_NAME' ? fitName(projectName ?? basename(folder)) : undefined);
}

/**
 * The variables of an env file.
 * @throws BenchError `compose-invalid` with all that is wrong with it
 */
export function readEnvFile(path: string, outer: Lookup): ReadonlyMap<string, string> {
  const text = readFileSync(path, 'utf8');
  const { variables, faults } = parseEnvFile(text, outer);
  throwFaults(path, text, faults);
  return variables;
}

/** Whether there is a file to read, not a folder, a pipe or a device. */
export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function throwFaults(path: string, text: string, faults: EnvFile['faults']): void {
  if (faults.length === 0) return;
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (const { index } of text.matchAll(/\n/g)) lines.addNewLine(index + 1);
  const all = new ComposeFaults({ path, lines });
  for (const { line, message, hint } of faults) all.addAt(lines.lineStarts[line - 1] ?? null, message, hint);
  all.throwIfAny();
}

/** A project's name as Compose makes it fit: lower case, letters, digits, `-` and `_`. */
function fitName(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^-_a-z0-9]/g, '')
    .replace(/^[-_]+/, '');
}
