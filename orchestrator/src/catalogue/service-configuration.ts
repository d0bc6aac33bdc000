import { readFileSync, statSync } from 'node:fs';
import type { Configuration } from '../record/configuration.js';
import { secretsOf, shownValue, shownWords, withoutSecrets } from './secrets.js';
import type { ConfigMount, Service } from './service.js';
import { filledTemplate } from './template.js';

/** Longer files are no configuration that anybody reads. */
const LONGEST_FILE = 65_536;

/**
 * What a service is set up with, for `run.json`: everything resolved, secrets taken out.
 * @param as what starts it: a container gets another command and environment than a process does
 */
export function configurationOf(service: Service, as: 'container' | 'process' | 'external'): Configuration {
  const known = secretsOf(service);
  const { process } = service;
  const isProcess = as === 'process';
  const environment = isProcess ? (process?.environment ?? {}) : service.environment;
  const command = isProcess ? (process?.command ?? null) : service.command;
  const text = (value: string | null): string | null => (value === null ? null : withoutSecrets(value, known));
  return {
    image: as === 'container' ? text(service.image) : null,
    entrypoint: isProcess || service.entrypoint === null ? null : shownWords(service.entrypoint, known),
    command: as === 'external' || command === null ? null : shownWords(command, known),
    environment: Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [name, text(shownValue(name, value))]),
    ),
    files: service.mounts.map((mount) => fileOf(mount, service, known)),
    user: service.user,
    cpuset: service.cpuset,
    port: service.port,
    health: service.healthPath,
    basePath: service.basePath ?? '',
    modelPrefix: service.modelPrefix,
    headers: Object.fromEntries(
      Object.entries(service.headers).map(([name, value]) => [name, text(shownValue(name, value)) ?? '']),
    ),
    accept: [...service.accept],
  };
}

function fileOf(
  { hostPath, containerPath, isTemplate }: ConfigMount,
  { mockPort }: Service,
  known: readonly string[],
): Configuration['files'][number] {
  const without = (note: string): Configuration['files'][number] => ({ path: containerPath, text: null, note });
  const found = statSync(hostPath, { throwIfNoEntry: false });
  if (found === undefined) return without('was not there');
  if (!found.isFile()) return without('a folder');
  if (found.size > LONGEST_FILE) return without(`${found.size} bytes: too long to be kept`);
  const bytes = readFileSync(hostPath);
  if (bytes.includes(0)) return without(`${found.size} bytes that are no text`);
  const written = bytes.toString('utf8');
  const filled = isTemplate === true && mockPort !== undefined ? filledTemplate(written, mockPort) : written;
  return { path: containerPath, text: withoutSecrets(filled, known) };
}
