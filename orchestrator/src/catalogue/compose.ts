import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type BenchError, messageOf, usageError } from '../errors.js';
import { nearest } from '../nearest.js';
import { CommandFault, commandWords } from './command-words.js';
import { check } from './compose-check.js';
import { readEnvironment, readVariables, withoutUnset } from './compose-environment.js';
import { ComposeFaults, type Path } from './compose-faults.js';
import { projectVariables } from './compose-project.js';
import { checkRelations } from './compose-relations.js';
import { type ComposeService, composeSchema, serviceSchema } from './compose-schema.js';
import { bytesOf, cpusOf, millisecondsOf } from './compose-units.js';
import { readVolumes } from './compose-volumes.js';
import { type ComposeText, type ComposeValue, composeValues, parseYaml } from './compose-yaml.js';
import { isImageReference } from './image-reference.js';
import { InterpolationFault, type Lookup, interpolate } from './interpolate.js';
import type { BuildSpec, ProcessSpec, Service } from './service.js';

/** What the parts of a compose file are read with. */
interface Reading {
  readonly path: string;
  readonly faults: ComposeFaults;
  readonly lookup: Lookup;
}

/**
 * Reads a compose file into services as Compose reads it, strictly: what Compose would refuse, and what this program has no use for,
 * is refused; nothing is read differently in silence.
 * @param shell where variables come from; `.env` beside the file adds what it lacks
 * @param elsewhere names of services in files that were read before, which `depends_on` may name
 * @throws BenchError `compose-missing`; `compose-invalid` with everything that is wrong, each with line and column and what to do
 */
export function readCompose(
  path: string,
  shell: NodeJS.ProcessEnv = process.env,
  elsewhere: readonly string[] = [],
): Service[] {
  const yaml = openCompose(path);
  const faults = new ComposeFaults({ path: resolve(path), lines: yaml.lines });
  const written = composeValues(yaml, faults);
  const lookup = lookupFor(path, shell, written, faults);
  const root = interpolateAll(faults, [], written, lookup);
  check(faults, [], composeSchema, root);
  const services =
    isMap(root) && isMap(root['services'] ?? null) ? (root['services'] as Record<string, ComposeValue>) : null;
  const reading = { path: resolve(path), faults, lookup };
  const read = Object.entries(services ?? {}).map(([name, raw]) => ({ name, ...readService(reading, name, raw) }));
  checkRelations(faults, read, elsewhere);
  if (services !== null && read.length === 0)
    faults.add(['services'], 'there is no service in it', 'Describe one below services:.');
  faults.throwIfAny();
  return read.flatMap(({ service }) => (service === null ? [] : [service]));
}

function openCompose(path: string): ComposeText {
  const fault = (what: string): BenchError =>
    usageError('compose-missing', what, 'Give the path of a Compose file with --compose FILE.');
  if (!existsSync(path)) throw fault(`There is no compose file at ${path}.`);
  // A pipe would be waited for, a device read for ever.
  if (!statSync(path).isFile()) throw fault(`${path} is no compose file: it is a folder, a pipe or a device.`);
  try {
    return parseYaml(readFileSync(path, 'utf8'));
  } catch (thrown) {
    throw fault(`${path} cannot be read: ${messageOf(thrown)}.`);
  }
}

/** The file's `name` may itself be made of variables, and is one. */
function lookupFor(path: string, shell: NodeJS.ProcessEnv, written: ComposeValue, faults: ComposeFaults): Lookup {
  const variables = projectVariables(path, shell);
  const name = isMap(written) ? written['name'] : null;
  return variables(typeof name === 'string' ? interpolateText(faults, ['name'], name, variables(null)) : null);
}

/** Compose's variables in every text of a value, but in no key. */
function interpolateAll(faults: ComposeFaults, at: Path, value: ComposeValue, lookup: Lookup): ComposeValue {
  if (typeof value === 'string') return interpolateText(faults, at, value, lookup);
  if (Array.isArray(value))
    return value.map((item: ComposeValue, i) => interpolateAll(faults, [...at, i], item, lookup));
  if (isMap(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, interpolateAll(faults, [...at, key], item, lookup)]),
    );
  }
  return value;
}

function interpolateText(faults: ComposeFaults, at: Path, text: string, lookup: Lookup): string {
  try {
    return interpolate(text, lookup);
  } catch (thrown) {
    if (!(thrown instanceof InterpolationFault)) throw thrown;
    faults.add(at, `${at.join('.')}: ${thrown.message}`, thrown.hint);
    return text;
  }
}

function isMap(value: ComposeValue): value is { readonly [key: string]: ComposeValue } {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function readService(reading: Reading, name: string, raw: ComposeValue) {
  const { path, faults, lookup } = reading;
  const at = ['services', name];
  if (!/^[a-z0-9][a-z0-9_.-]*$/.test(name) || name === 'direct') {
    faults.add(
      at,
      `service name "${name}" cannot be used`,
      'Use lower-case letters, digits, "-", "_" and "."; "direct" is the mock itself.',
    );
  }
  const service = check(faults, at, serviceSchema, withBench(faults, at, raw));
  if (service === null) return { service: null, isActive: true, dependsOn: [] };
  const profiles = service.profiles ?? [];
  const isActive = isActiveProfile(profiles, lookup('COMPOSE_PROFILES') ?? '');
  const bench = service['x-bench'];
  checkImage(faults, at, service);
  // Read for the faults alone.
  readVariables(faults, [...at, 'labels'], service.labels, lookup);
  const dependsOn = Array.isArray(service.depends_on)
    ? service.depends_on.map((other, key) => ({ name: other, key, isRequired: true }))
    : Object.entries(service.depends_on ?? {}).map(([other, { required }]) => ({
        name: other,
        key: other,
        isRequired: required ?? true,
      }));
  const read: Service = {
    name,
    role: bench.role,
    isActive,
    image: service.image ?? null,
    build: service.build === undefined ? null : readBuild(reading, [...at, 'build'], service.build),
    entrypoint: readWords(faults, [...at, 'entrypoint'], service.entrypoint),
    command: readWords(faults, [...at, 'command'], service.command),
    environment: readEnvironment(faults, at, path, service, lookup),
    mounts: readVolumes(faults, [...at, 'volumes'], path, service.volumes ?? [], lookup),
    cpus: service.cpus === undefined ? null : cpusOf(service.cpus),
    memoryBytes: service.mem_limit === undefined ? null : bytesOf(service.mem_limit),
    cpuset: service.cpuset ?? null,
    user: service.user || null,
    port: bench.port,
    healthPath: bench.health,
    readyTimeoutMs: millisecondsOf(bench['ready-timeout']),
    modelPrefix: bench['model-prefix'],
    headers: Object.fromEntries(Object.entries(bench.headers).map(([key, value]) => [key, String(value)])),
    version: bench.version === undefined ? null : String(bench.version),
    process: bench.process === undefined ? null : readProcess(reading, [...at, 'x-bench', 'process'], bench.process),
  };
  return { service: read, isActive, dependsOn };
}

/**
 * The service with a misspelt `x-bench` under its right name, after it was told: any key that begins with x- is allowed, so that it
 * would be told as a missing one, and what is wrong inside of it not at all.
 */
function withBench(faults: ComposeFaults, at: Path, service: ComposeValue): ComposeValue {
  if (!isMap(service) || 'x-bench' in service) return service;
  const key = Object.keys(service).find((one) => one.startsWith('x-') && nearest(one, ['x-bench']) !== '');
  if (key === undefined) return service;
  const { [key]: bench, ...others } = service;
  faults.addUnknownKey(
    [...at, key],
    `unknown key "${key}" in ${at.join('.')}.${nearest(key, ['x-bench'])}`,
    'Write x-bench.',
  );
  return { ...others, 'x-bench': bench ?? null };
}

/** A service without profiles is always active, another when one of its own is asked for; `*` asks for all. */
function isActiveProfile(profiles: readonly string[], asked: string): boolean {
  const names = asked.split(',').map((name) => name.trim());
  return profiles.length === 0 || names.includes('*') || profiles.some((profile) => names.includes(profile));
}

/** An image has to be there for whoever starts containers, and must be one that an engine takes. */
function checkImage(faults: ComposeFaults, at: Path, { image, build, 'x-bench': bench }: ComposeService): void {
  if (image === undefined && build === undefined && bench.process !== undefined) return;
  if (image === undefined || image === '') {
    faults.add(
      image === undefined ? at : [...at, 'image'],
      build === undefined
        ? `${at.join('.')} has neither an image nor a process to start`
        : `${at.join('.')}.image: what is built needs a name`,
      build === undefined ? 'Add image: NAME:TAG, or x-bench.process.' : 'Add image: NAME:TAG beside build.',
    );
  } else if (!isImageReference(image)) {
    faults.add(
      [...at, 'image'],
      `${at.join('.')}.image: no engine takes the name ${JSON.stringify(image)}`,
      'Write NAME:TAG, in lower case.',
    );
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function readWords(faults: ComposeFaults, at: Path, words: ComposeService['command']): string[] | null {
  if (words === undefined || words === null) return null;
  if (typeof words !== 'string') return [...words];
  try {
    return commandWords(words);
  } catch (thrown) {
    if (!(thrown instanceof CommandFault)) throw thrown;
    faults.add(at, `${at.join('.')}: ${thrown.message}`, thrown.hint);
    return null;
  }
}

function readBuild(
  { path, faults, lookup }: Reading,
  at: Path,
  build: NonNullable<ComposeService['build']>,
): BuildSpec {
  const spec = typeof build === 'string' ? { context: build } : build;
  const contextDirectory = resolve(dirname(path), spec.context);
  if (spec.context.startsWith('~') || !isFolder(contextDirectory)) {
    faults.add(at, `there is no folder ${contextDirectory} to build from`, 'Paths are relative to the compose file.');
  }
  return {
    contextDirectory,
    dockerfile: resolve(contextDirectory, spec.dockerfile ?? 'Dockerfile'),
    target: spec.target ?? null,
    args: withoutUnset(readVariables(faults, [...at, 'args'], spec.args, lookup)),
    network: spec.network === undefined || spec.network === 'default' ? null : spec.network,
  };
}

function readProcess(
  { path, faults, lookup }: Reading,
  at: Path,
  spec: NonNullable<ComposeService['x-bench']['process']>,
): ProcessSpec {
  const npmDirectory = spec.npm === undefined ? null : resolve(dirname(path), spec.npm);
  if (npmDirectory !== null && !isFolder(npmDirectory)) {
    faults.add([...at, 'npm'], `there is no folder ${npmDirectory}`, 'Paths are relative to the compose file.');
  }
  return {
    command: spec.command.map(String),
    environment: withoutUnset(readVariables(faults, [...at, 'environment'], spec.environment, lookup)),
    npmDirectory,
    versionFolder: null,
    install: spec.install ?? null,
  };
}
