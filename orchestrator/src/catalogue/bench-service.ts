import { dirname, resolve } from 'node:path';
import { nearest } from '../nearest.js';
import type { Addressing, KindAddressing } from './addressing.js';
import type { ComposeBench } from './bench-schema.js';
import { readVariables, withoutUnset } from './compose-environment.js';
import type { ComposeFaults, Path } from './compose-faults.js';
import { isFolder, type Reading } from './compose-reading.js';
import { millisecondsOf } from './compose-units.js';
import type { FeatureProof } from './feature.js';
import { ASKED_FORMATS } from './format-of.js';
import { PLACEHOLDERS, unknownPlaceholder } from './placeholders.js';
import type { ProcessSpec, Service, WorkersSpec } from './service.js';

/** What `x-bench` says of a service, but for whose variant it is. */
type BenchPart = Addressing &
  Pick<
    Service,
    | 'role'
    | 'port'
    | 'healthPath'
    | 'readyTimeoutMs'
    | 'headers'
    | 'accept'
    | 'version'
    | 'serves'
    | 'attest'
    | 'workers'
    | 'lacks'
    | 'conduct'
    | 'upstream'
    | 'isUntried'
    | 'about'
    | 'process'
  >;

/** Of a service without `x-bench`: it is up when it runs. */
export const HELPER: BenchPart = {
  role: 'helper',
  port: 0,
  healthPath: null,
  readyTimeoutMs: 60_000,
  modelPrefix: '',
  headers: {},
  accept: [],
  version: null,
  process: null,
};

/** Reads it; faults are added to the others of the file. */
export function benchOf(reading: Reading, at: Path, bench: ComposeBench): BenchPart {
  return {
    role: bench.role,
    port: bench.port,
    // A helper is up when it listens, unless it says more.
    healthPath: bench.health ?? (bench.role === 'helper' ? null : '/'),
    readyTimeoutMs: millisecondsOf(bench['ready-timeout']),
    modelPrefix: bench['model-prefix'],
    headers: Object.fromEntries(Object.entries(bench.headers).map(([key, value]) => [key, String(value)])),
    accept: bench.accept,
    version: bench.version === undefined ? null : String(bench.version),
    ...readAddressing(bench),
    ...(bench.serves === undefined ? {} : { serves: bench.serves }),
    ...(bench.attest === undefined ? {} : { attest: proofOf(bench.attest) }),
    ...(bench.workers === undefined ? {} : { workers: workersOf(bench.workers) }),
    ...(bench.lacks === undefined ? {} : { lacks: bench.lacks }),
    ...(bench.conduct === undefined ? {} : { conduct: conductOf(bench.conduct) }),
    ...(bench.upstream === undefined ? {} : { upstream: bench.upstream }),
    ...(bench.tried === false ? { isUntried: true as const } : {}),
    ...aboutOf(bench),
    process: bench.process === undefined ? null : readProcess(reading, [...at, 'process'], bench.process),
  };
}

function workersOf(written: NonNullable<ComposeBench['workers']>): WorkersSpec {
  const { command = [], environment = {}, match } = written;
  return {
    command,
    environment: Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)])),
    match: match ?? null,
  };
}

function conductOf({
  aside,
  lacks,
  'primary-share': primaryShare,
}: NonNullable<ComposeBench['conduct']>): NonNullable<Service['conduct']> {
  const known = {
    ...(lacks === undefined ? {} : { lacks }),
    ...(primaryShare === undefined ? {} : { primaryShare }),
  };
  if (aside === undefined) return known;
  const { model, headers } = aside;
  const written = Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]);
  return {
    ...known,
    aside: {
      ...(model === undefined ? {} : { model }),
      ...(headers === undefined ? {} : { headers: Object.fromEntries(written) as Record<string, string> }),
    },
  };
}

/** With times in milliseconds. */
function proofOf(attest: NonNullable<ComposeBench['attest']>): FeatureProof {
  if (attest.by !== 'calls' && attest.by !== 'log-lines') return attest;
  const { delay, ...others } = attest;
  return { ...others, delayMs: millisecondsOf(delay) };
}

function readAddressing(bench: ComposeBench): Partial<Addressing> {
  const { model, 'base-path': basePath, 'by-kind': byKind } = bench;
  const kinds = ASKED_FORMATS.flatMap((kind) => {
    const own = byKind?.[kind];
    if (own === undefined) return [];
    const { path, model: ofKind, 'base-path': base, 'model-prefix': modelPrefix } = own;
    const addressing: KindAddressing = {
      ...(base === undefined ? {} : { basePath: base }),
      ...(path === undefined ? {} : { path }),
      ...(modelPrefix === undefined ? {} : { modelPrefix }),
      ...(ofKind === undefined ? {} : { model: ofKind }),
    };
    return [[kind, addressing] as const];
  });
  return {
    ...(basePath === undefined ? {} : { basePath }),
    ...(model === undefined ? {} : { model }),
    ...(kinds.length === 0 ? {} : { byKind: Object.fromEntries(kinds) }),
  };
}

function aboutOf(bench: ComposeBench): Pick<Service, 'about'> {
  const { kind = null, language = null, keeper = null, deviations = [], docs = null } = bench;
  const isSilent = [kind, language, keeper, docs].every((value) => value === null) && deviations.length === 0;
  return isSilent ? {} : { about: { kind, language, keeper, deviations, docs } };
}

function readProcess(
  { path, faults, lookup }: Reading,
  at: Path,
  spec: NonNullable<ComposeBench['process']>,
): ProcessSpec {
  const npmDirectory = spec.npm === undefined ? null : resolve(dirname(path), spec.npm);
  if (npmDirectory !== null && !isFolder(npmDirectory)) {
    faults.add([...at, 'npm'], `there is no folder ${npmDirectory}`, 'Paths are relative to the compose file.');
  }
  for (const key of ['command', 'version', 'environment'] as const)
    refuseUnknownPlaceholders(faults, [...at, key], spec[key]);
  return {
    command: spec.command.map(String),
    versionCommand: spec.version?.map(String) ?? null,
    environment: withoutUnset(readVariables(faults, [...at, 'environment'], spec.environment, lookup)),
    npmDirectory,
    versionFolder: null,
    install: spec.install ?? null,
  };
}

/** A misspelt placeholder would reach the program as it stands. */
function refuseUnknownPlaceholders(faults: ComposeFaults, at: Path, value: unknown): void {
  if (typeof value === 'string') {
    const unknown = unknownPlaceholder(value);
    if (unknown === null) return;
    const word = /[a-z-]+/.exec(unknown)?.[0] ?? '';
    const known = PLACEHOLDERS.map((placeholder) => /[a-z-]+/.exec(placeholder)?.[0] ?? '');
    faults.add(
      at,
      `${unknown} is no placeholder.${nearest(word, known)}`.replace(/\.$/, ''),
      `Known: ${PLACEHOLDERS.join(', ')}. Text in braces that is meant as it stands belongs into a configuration file.`,
    );
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value))
    refuseUnknownPlaceholders(faults, [...at, Array.isArray(value) ? Number(key) : key], item);
}
