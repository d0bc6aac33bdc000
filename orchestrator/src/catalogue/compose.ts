import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { usageError } from '../errors.js';
import { type ComposeService, composeSchema, serviceSchema } from './compose-schema.js';
import { type ComposeFile, type Path, check, faultAt } from './compose-check.js';
import { interpolate } from './interpolate.js';
import type { BuildSpec, ConfigMount, ProcessSpec, Service } from './service.js';
import { sourceError } from './source-error.js';

/**
 * Reads a compose file into services, strictly.
 * @throws BenchError `compose-missing`, `compose-invalid` with file, line and column and what is allowed.
 */
export function readCompose(path: string, environment: NodeJS.ProcessEnv = process.env): Service[] {
  const file = openCompose(path, environment);
  const root = check(file, [], composeSchema, file.document.toJS());
  return Object.entries(root.services).map(([name, raw]) => readService(file, name, raw));
}

function openCompose(path: string, environment: NodeJS.ProcessEnv): ComposeFile {
  if (!existsSync(path)) {
    throw usageError(
      'compose-missing',
      `There is no compose file at ${path}.`,
      'Give the path of a Compose file with --compose FILE.',
    );
  }
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(path, 'utf8'), { lineCounter: lines, merge: true });
  const source = { path: resolve(path), lines };
  const [fault] = document.errors;
  if (fault !== undefined)
    throw sourceError(source, fault.pos[0], fault.message.split('\n')[0] ?? '', 'Mend the YAML.');
  return { source, document, environment };
}

function readService(file: ComposeFile, name: string, raw: unknown): Service {
  const at = ['services', name];
  if (!/^[a-z0-9][a-z0-9_.-]*$/.test(name) || name === 'direct') {
    throw faultAt(
      file,
      at,
      `service name "${name}" cannot be used`,
      'Use lower-case letters, digits, "-", "_" and "."; "direct" is the mock itself.',
    );
  }
  const service = check(file, at, serviceSchema, interpolateAll(file, at, raw));
  const bench = service['x-bench'];
  for (const key of ['command', 'entrypoint', 'environment'] as const)
    refusePlaceholder(file, [...at, key], service[key]);
  return {
    name,
    role: bench.role,
    image: service.image,
    build: service.build === undefined ? null : readBuild(file, [...at, 'build'], service.build),
    entrypoint: service.entrypoint === undefined ? null : splitWords(service.entrypoint),
    command: splitWords(service.command ?? []),
    environment: readEnvironment(service.environment),
    mounts: (service.volumes ?? []).map((volume, i) => readVolume(file, [...at, 'volumes', i], volume)),
    cpus: service.cpus === undefined ? null : Number(service.cpus),
    memoryBytes: service.mem_limit === undefined ? null : bytesOf(service.mem_limit),
    cpuset: service.cpuset ?? null,
    user: service.user ?? null,
    port: bench.port,
    healthPath: bench.health,
    readyTimeoutMs: millisecondsOf(bench['ready-timeout']),
    modelPrefix: bench['model-prefix'],
    headers: mapValues(bench.headers, String),
    accept: bench.accept,
    version: bench.version === undefined ? null : String(bench.version),
    process: bench.process === undefined ? null : readProcess(file, [...at, 'x-bench', 'process'], bench.process),
  };
}

/** Compose's `${VAR:-default}` in every string of a value. */
function interpolateAll(file: ComposeFile, at: Path, value: unknown): unknown {
  if (typeof value === 'string') {
    return interpolate(value, file.environment, (message) =>
      faultAt(file, at, message, 'Compose knows ${VAR}, ${VAR:-default}, ${VAR-default} and $$ for a dollar sign.'),
    );
  }
  if (Array.isArray(value)) return value.map((item, i) => interpolateAll(file, [...at, i], item));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, interpolateAll(file, [...at, key], item)]),
    );
  }
  return value;
}

/** What only x-bench.process replaces would reach the container as it stands. */
function refusePlaceholder(file: ComposeFile, at: Path, value: unknown): void {
  if (typeof value === 'string') {
    const [placeholder] = /\{config:[^}]*\}/.exec(value) ?? [];
    if (placeholder === undefined) return;
    throw faultAt(
      file,
      at,
      `${placeholder} is not replaced here`,
      'Only x-bench.process replaces it (command, environment, version); a container sees the file where it is mounted.',
    );
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value))
    refusePlaceholder(file, [...at, Array.isArray(value) ? Number(key) : key], item);
}

function readBuild(file: ComposeFile, at: Path, build: NonNullable<ComposeService['build']>): BuildSpec {
  const spec = typeof build === 'string' ? { context: build } : build;
  const contextDirectory = resolve(dirname(file.source.path), spec.context);
  if (!existsSync(contextDirectory))
    throw faultAt(
      file,
      at,
      `there is no folder ${contextDirectory} to build from`,
      'Paths are relative to the compose file.',
    );
  return {
    contextDirectory,
    dockerfile: resolve(contextDirectory, spec.dockerfile ?? 'Dockerfile'),
    target: spec.target ?? null,
    args: readEnvironment(spec.args),
    network: spec.network === undefined || spec.network === 'default' ? null : spec.network,
  };
}

function readVolume(file: ComposeFile, at: Path, volume: NonNullable<ComposeService['volumes']>[number]): ConfigMount {
  const parts =
    typeof volume === 'string'
      ? volume.split(':')
      : [volume.source, volume.target, volume.read_only === true ? 'ro' : 'rw'];
  const [source, target, mode] = parts;
  if (parts.length !== 3 || mode !== 'ro' || source === undefined || target === undefined || !/^[./]/.test(source)) {
    throw faultAt(
      file,
      at,
      `volume ${JSON.stringify(volume)} cannot be used`,
      'Only single files mounted read-only: ./FILE:/PATH/IN/CONTAINER:ro.',
    );
  }
  const hostPath = resolve(dirname(file.source.path), source);
  if (!existsSync(hostPath))
    throw faultAt(file, at, `there is no file ${hostPath}`, 'Paths are relative to the compose file.');
  return { hostPath, containerPath: target };
}

function readProcess(
  file: ComposeFile,
  at: Path,
  spec: NonNullable<ComposeService['x-bench']['process']>,
): ProcessSpec {
  const npmDirectory = spec.npm === undefined ? null : resolve(dirname(file.source.path), spec.npm);
  if (npmDirectory !== null && !existsSync(npmDirectory)) {
    throw faultAt(
      file,
      [...at, 'npm'],
      `there is no folder ${npmDirectory}`,
      'Paths are relative to the compose file.',
    );
  }
  return {
    command: spec.command.map(String),
    versionCommand: spec.version?.map(String) ?? null,
    environment: readEnvironment(spec.environment),
    npmDirectory,
    versionFolder: null,
    install: spec.install ?? null,
  };
}

function readEnvironment(environment: ComposeService['environment']): Record<string, string> {
  if (environment === undefined) return {};
  if (!Array.isArray(environment)) return mapValues(environment, (value) => (value === null ? '' : String(value)));
  return Object.fromEntries(
    environment.map((line) => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)]),
  );
}

/** Compose takes a command as words or as one string that it splits as a shell would (quotes, no expansion). */
function splitWords(command: string | readonly (string | number | boolean)[]): string[] {
  if (typeof command !== 'string') return command.map(String);
  const words = command.match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? [];
  return words.map((word) => word.replaceAll(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}

function bytesOf(size: string | number): number {
  if (typeof size === 'number') return size;
  const unit = size.toLowerCase().match(/[bkmg]/)?.[0] ?? 'b';
  return Math.round(Number.parseFloat(size) * 1024 ** 'bkmg'.indexOf(unit));
}

function millisecondsOf(duration: string): number {
  const factor = duration.endsWith('ms') ? 1 : duration.endsWith('m') ? 60_000 : 1000;
  return Number.parseFloat(duration) * factor;
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
