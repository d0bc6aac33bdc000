import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { nearest } from '../nearest.js';
import { benchOf, HELPER } from './bench-service.js';
import { CommandFault, commandWords } from './command-words.js';
import { check } from './compose-check.js';
import { readEnvironment, readVariables, withoutUnset } from './compose-environment.js';
import type { ComposeFaults, Path } from './compose-faults.js';
import { isFolder, type Reading } from './compose-reading.js';
import type { RelatedService } from './compose-relations.js';
import { type ComposeService, serviceSchema, usableKeys } from './compose-schema.js';
import { bytesOf, cpusOf } from './compose-units.js';
import { readVolumes } from './compose-volumes.js';
import { type ComposeValue, isValueMap } from './compose-yaml.js';
import { isFeature } from './feature.js';
import { isImageReference } from './image-reference.js';
import { PROCESS_ONLY } from './placeholders.js';
import type { BuildSpec, ConfigMount, Service } from './service.js';
import { shownPath } from './source-error.js';
import { targetName } from './target-name.js';
import { templateFaults } from './template.js';

/** A service with what it has to do with others; null after faults of its own were added. */
export interface ReadService extends RelatedService {
  readonly service: Service | null;
}

/**
 * Reads one service; its faults are added to the others of the file.
 * @param raw with its variables put in
 */
export function readService(reading: Reading, name: string, raw: ComposeValue): ReadService {
  const { faults, lookup } = reading;
  const at = ['services', name];
  if (!/^[a-z0-9][a-z0-9_.-]*$/.test(name) || name === 'direct' || name === 'all') {
    faults.add(
      at,
      `service name "${name}" cannot be used`,
      'Use lower-case letters, digits, "-", "_" and "."; "direct" is the mock itself, and "all" every gateway.',
    );
  }
  const written = withBench(faults, at, raw);
  const service = check(faults, at, serviceSchema, written);
  const known = service ?? (isValueMap(written) ? usableKeys(written) : {});
  const bench = known['x-bench'];
  const isWhole = service !== null;
  const parts = readParts(reading, at, known, isWhole);
  checkVariant(faults, at, name, known);
  const isActive = isActiveProfile(known.profiles ?? [], lookup('COMPOSE_PROFILES') ?? '');
  return {
    name,
    isActive,
    dependsOn: dependenciesOf(known),
    isHelper: isWhole && bench === undefined,
    variantOf: bench?.['variant-of'] ?? null,
    isGateway: bench !== undefined && bench.role === 'gateway',
    service: service === null ? null : complete(reading, name, isActive, service, parts),
  };
}

/** What of a service has to be looked at more closely than a schema does. */
type Parts = Pick<Service, 'build' | 'entrypoint' | 'command' | 'environment' | 'mounts'>;

/** Reads those parts of a service that can be, so that their faults are told beside those of the others. */
function readParts(
  { path, faults, lookup }: Reading,
  at: Path,
  known: Partial<ComposeService>,
  isWhole: boolean,
): Parts {
  if (isWhole || known.image !== undefined) checkImage(faults, at, known);
  checkNetwork(faults, at, known);
  for (const key of ['command', 'entrypoint', 'environment'] as const)
    refusePlaceholder(faults, [...at, key], known[key]);
  // Read for the faults alone.
  readVariables(faults, [...at, 'labels'], known.labels, lookup);
  return {
    build: known.build === undefined ? null : readBuild({ path, faults, lookup }, [...at, 'build'], known.build),
    entrypoint: readWords(faults, [...at, 'entrypoint'], known.entrypoint),
    command: readWords(faults, [...at, 'command'], known.command),
    environment: readEnvironment(faults, at, path, known, lookup),
    mounts: withTemplates(
      faults,
      [...at, 'x-bench', 'template'],
      known['x-bench']?.template ?? [],
      readVolumes(faults, [...at, 'volumes'], path, known.volumes ?? [], lookup),
    ),
  };
}

/** What only x-bench.process replaces would reach the container as it stands. */
function refusePlaceholder(faults: ComposeFaults, at: Path, value: unknown): void {
  if (typeof value === 'string') {
    const [placeholder] = PROCESS_ONLY.exec(value) ?? [];
    if (placeholder === undefined) return;
    faults.add(
      at,
      `${placeholder} is not replaced here`,
      'Only x-bench.process replaces it (command, environment, version); a container sees the file where it is mounted.',
    );
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value))
    refusePlaceholder(faults, [...at, Array.isArray(value) ? Number(key) : key], item);
}

/** Containers are measured on the host's network alone; what is a process needs no word about it. */
function checkNetwork(faults: ComposeFaults, at: Path, known: Partial<ComposeService>): void {
  const { image, build, network_mode: network } = known;
  if (network !== undefined || (image === undefined && build === undefined)) return;
  faults.add(
    [...at, 'network_mode'],
    `${at.join('.')}.network_mode is missing: it must be host (only host networking is measured)`,
    'See compose/docker-compose.yml for a complete example.',
  );
}

/** A variant says both what it is and of whom, has the name that follows from it, and is started only when it is asked for. */
function checkVariant(faults: ComposeFaults, at: Path, name: string, known: Partial<ComposeService>): void {
  const { 'x-bench': bench, profiles = [] } = known;
  if (bench === undefined || (bench.variant === undefined && bench['variant-of'] === undefined)) return;
  const { variant, 'variant-of': of } = bench;
  if (variant === undefined || of === undefined) {
    faults.add(
      [...at, 'x-bench', variant === undefined ? 'variant-of' : 'variant'],
      `${name} says ${variant === undefined ? 'whose variant it is and not which' : 'which variant it is and not whose'}`,
      'Write both: x-bench: {variant-of: GATEWAY, variant: NAME}.',
    );
    return;
  }
  if (bench.role !== 'gateway')
    faults.add([...at, 'x-bench', 'role'], `${name} is a ${bench.role}, and only gateways have variants`, 'Remove it.');
  if (name !== `${of}-${variant}`)
    faults.add(
      at,
      `the variant ${variant} of ${of} is called ${name}`,
      `Call the service ${of}-${variant}, so that Compose and crabllm-bench name the same thing.`,
    );
  if (isFeature(variant) && bench.attest === undefined)
    faults.add(
      [...at, 'x-bench'],
      `${name} is the feature ${variant}, and nothing says how it is attested`,
      'Add attest: {by: …}, or call the variant something else: docs/features.md.',
    );
  if (profiles.length === 0)
    faults.add(
      at,
      `${name} is a variant without a profile: docker compose up would start it beside ${of}`,
      `Add profiles: [${name}].`,
    );
}

function dependenciesOf({ depends_on: written }: Partial<ComposeService>): RelatedService['dependsOn'] {
  return Array.isArray(written)
    ? written.map((name, key) => ({ name, key, isRequired: true }))
    : Object.entries(written ?? {}).map(([name, { required }]) => ({ name, key: name, isRequired: required ?? true }));
}

function complete(reading: Reading, name: string, isActive: boolean, service: ComposeService, parts: Parts): Service {
  const bench = service['x-bench'];
  const { variant, 'variant-of': of } = bench ?? {};
  const needs = dependenciesOf(service).map((other) => other.name);
  return {
    name: of === undefined || variant === undefined ? name : targetName({ gateway: of, variant, version: null }),
    ...(of === undefined || variant === undefined ? {} : { variant: { of, name: variant } }),
    ...(needs.length === 0 ? {} : { needs }),
    isActive,
    image: service.image ?? null,
    ...parts,
    cpus: service.cpus === undefined ? null : cpusOf(service.cpus),
    memoryBytes: service.mem_limit === undefined ? null : bytesOf(service.mem_limit),
    cpuset: service.cpuset ?? null,
    user: service.user || null,
    ...(bench === undefined ? HELPER : benchOf(reading, ['services', name, 'x-bench'], bench)),
  };
}

/** The mounts, those among them marked whose lines are to be filled. */
function withTemplates(
  faults: ComposeFaults,
  at: Path,
  templates: readonly string[],
  mounts: readonly ConfigMount[],
): ConfigMount[] {
  for (const [i, template] of templates.entries()) {
    const mount = mounts.find(({ containerPath }) => containerPath === template);
    if (mount === undefined || isFolder(mount.hostPath)) {
      const what = mount === undefined ? 'nothing is mounted' : 'a folder is mounted';
      faults.add(
        [...at, i],
        `${what} at ${template}`,
        'A template is a file of volumes, named by its path in the container.',
      );
      continue;
    }
    for (const { line, message } of templateFaults(readFileSync(mount.hostPath, 'utf8')))
      faults.add(
        [...at, i],
        `${shownPath(mount.hostPath)}:${line}: ${message}`,
        'A marked line has its default and, in a comment, bench[DEFAULT={mock-port}] (or mock-host, mock-url, second-port).',
      );
  }
  return mounts.map((mount) => (templates.includes(mount.containerPath) ? { ...mount, isTemplate: true } : mount));
}

/**
 * The service with a misspelt `x-bench` under its right name, after it was told: any key that begins with x- is allowed, so that it
 * would be told as a missing one, and what is wrong inside of it not at all.
 */
function withBench(faults: ComposeFaults, at: Path, service: ComposeValue): ComposeValue {
  if (!isValueMap(service) || 'x-bench' in service) return service;
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
function checkImage(faults: ComposeFaults, at: Path, known: Partial<ComposeService>): void {
  const { image, build, 'x-bench': bench } = known;
  if (image === undefined && build === undefined && bench?.process !== undefined) return;
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
