import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Service } from './service.js';

/**
 * Digest of all that a service is configured by: its command, variables, limits and headers, the content of the files that it mounts, its
 * helpers and theirs. The same for copies of the same files elsewhere. 16 hexadecimal digits.
 * @throws what reading a mounted file throws
 */
export function configurationDigest(service: Service): string {
  return createHash('sha256')
    .update(JSON.stringify(partsOf(service)))
    .digest('hex')
    .slice(0, 16);
}

function partsOf(service: Service): unknown {
  const { name, image, entrypoint, command, environment, cpus, memoryBytes, cpuset, user, process: spec } = service;
  const { port, healthPath, headers, accept, basePath, modelPrefix, model, byKind } = service;
  return [
    [name, image, entrypoint, command, sorted(environment), cpus, memoryBytes, cpuset, user],
    [port, healthPath, sorted(headers), accept, basePath, modelPrefix, model, byKind],
    spec === null ? null : [spec.command, sorted(spec.environment)],
    service.mounts.map(({ hostPath, containerPath }) => [containerPath, contentOf(hostPath)]),
    (service.helpers ?? []).map(partsOf),
  ];
}

function sorted<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Of a file its text, of a folder those of all in it. */
function contentOf(path: string): unknown {
  if (!statSync(path).isDirectory()) return readFileSync(path, 'utf8');
  return readdirSync(path)
    .toSorted()
    .map((entry) => [entry, contentOf(join(path, entry))]);
}
