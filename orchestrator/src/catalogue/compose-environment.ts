import { dirname, resolve } from 'node:path';
import type { ComposeFaults, Path } from './compose-faults.js';
import { isFile, readEnvFile } from './compose-project.js';
import type { ComposeService } from './compose-schema.js';
import type { Lookup } from './interpolate.js';

/** Variables of a program; null: it must not see this one, whatever its image sets. */
export type Environment = Readonly<Record<string, string | null>>;

/**
 * The variables of `environment`, `labels` or `args`. A name without a value is what the shell or `.env` has, else unset; of a name
 * that stands twice in a list the last counts.
 */
export function readVariables(
  faults: ComposeFaults,
  at: Path,
  variables: ComposeService['environment'],
  lookup: Lookup,
): Environment {
  if (variables === undefined) return {};
  const entries = Array.isArray(variables)
    ? variables.map((line, i) => {
        const [name = ''] = line.split('=', 1);
        if (!/\S$/.test(name)) {
          faults.add(
            [...at, i],
            `no variable has the name ${JSON.stringify(name)}`,
            'Write NAME=value, or NAME alone.',
          );
        }
        return [name, line.includes('=') ? line.slice(name.length + 1) : (lookup(name) ?? null)] as const;
      })
    : Object.entries(variables).map(
        ([name, value]) => [name, value === null ? (lookup(name) ?? null) : String(value)] as const,
      );
  return Object.fromEntries(entries);
}

/** What a service's program sees: its env files, the later over the earlier, and its `environment` over all of them. */
export function readEnvironment(
  faults: ComposeFaults,
  at: Path,
  composePath: string,
  service: Pick<ComposeService, 'environment' | 'env_file'>,
  lookup: Lookup,
): Environment {
  const own = readVariables(faults, [...at, 'environment'], service.environment, lookup);
  const files = service.env_file === undefined ? [] : [service.env_file].flat();
  const given = files.map((file, i) => {
    const { path, required } = typeof file === 'string' ? { path: file, required: true } : { required: true, ...file };
    const there = resolve(dirname(composePath), path);
    if (!path.startsWith('~') && isFile(there))
      return readEnvFile(there, (name) => lookup(name) ?? ownValue(own, name));
    if (required || path.startsWith('~')) {
      const place = typeof service.env_file === 'string' ? [...at, 'env_file'] : [...at, 'env_file', i];
      faults.add(place, `there is no file ${there}`, 'Paths are relative to the compose file.');
    }
    return new Map<string, string>();
  });
  return { ...Object.fromEntries(given.flatMap((file) => [...file])), ...own };
}

function ownValue(variables: Environment, name: string): string | undefined {
  return Object.hasOwn(variables, name) ? (variables[name] ?? undefined) : undefined;
}

/** The variables that are set. */
export function withoutUnset(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}
