import { stringify } from 'yaml';
import type { Configuration } from '../record/configuration.js';
import type { TargetRecord } from '../record/manifest.js';
import { formatMiB, formatNumber } from './format.js';

/** What ran under a target's name, for whoever wants to know exactly. */
export interface TargetFacts {
  /** Term and value, in the order in which they are read. */
  readonly facts: readonly (readonly [term: string, value: string])[];
  /** The resolved configuration, as a Compose file has it; empty where none was recorded. */
  readonly configuration: string;
}

/** The facts of a target, from the manifest alone. */
export function targetFacts(target: TargetRecord): TargetFacts {
  const { version, digest, program, url, limits, helpers = [], variant, absent, resolvedConfiguration } = target;
  const facts: [string, string | null | undefined][] = [
    ['version', version ?? 'not known'],
    ['digest', digest],
    ['program', program],
    ['asked at', url],
    ['limits', limitsText(limits)],
    ['a variant', variant === undefined ? null : `${variant.name} of ${variant.of}`],
    ['differs', variant?.differs.map(({ what, bare, here }) => `${what}: ${bare ?? '–'} → ${here ?? '–'}`).join('; ')],
    ['beside it', helpers.map((helper) => [helper.name, helper.version].filter(Boolean).join(' ')).join(', ')],
    ['absent', absent?.message],
  ];
  return {
    facts: facts.flatMap(([term, value]) =>
      value === null || value === undefined || value === '' ? [] : [[term, value]],
    ),
    configuration: resolvedConfiguration === undefined ? '' : configurationText(target.name, resolvedConfiguration),
  };
}

function limitsText({ cpus, memoryBytes, enforced, leftOut = [] }: TargetRecord['limits']): string {
  const parts = [
    cpus === null ? null : `${formatNumber(cpus).replace(/\.0$/, '')} CPUs`,
    memoryBytes === null ? null : `${formatMiB(memoryBytes)} MiB`,
  ].filter((part) => part !== null);
  if (parts.length === 0) return 'none';
  const lacking = leftOut.map(({ limit }) => limit).join(', ');
  return `${parts.join(', ')}${enforced ? '' : lacking === '' ? ' (not in force)' : ` (not in force: ${lacking})`}`;
}

/** In the words of a Compose file, the files that it mounts behind it. */
export function configurationText(name: string, configuration: Configuration): string {
  const {
    image,
    entrypoint,
    command,
    environment,
    user,
    cpuset,
    port,
    health,
    basePath,
    modelPrefix,
    headers,
    accept,
    files,
  } = configuration;
  const service = {
    ...(image === null ? {} : { image }),
    ...(entrypoint === null ? {} : { entrypoint }),
    ...(command === null ? {} : { command }),
    ...(Object.keys(environment).length === 0 ? {} : { environment }),
    ...(user === null ? {} : { user }),
    ...(cpuset === null ? {} : { cpuset }),
    'x-bench': {
      port,
      ...(health === null ? {} : { health }),
      ...(basePath === '' ? {} : { 'base-path': basePath }),
      ...(modelPrefix === '' ? {} : { 'model-prefix': modelPrefix }),
      ...(Object.keys(headers).length === 0 ? {} : { headers }),
      ...(accept.length === 0 ? {} : { accept }),
    },
  };
  const mounted = files.map(
    ({ path, text, note }) => `# ${path}${text === null ? `: ${note ?? ''}` : ''}\n${text ?? ''}`,
  );
  return [stringify({ services: { [name]: service } }, { lineWidth: 0 }), ...mounted].join('\n').trimEnd();
}
