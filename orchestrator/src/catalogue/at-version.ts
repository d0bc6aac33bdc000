import { usageError } from '../errors.js';
import type { ProcessSpec, Service } from './service.js';
import { targetName } from './target-name.js';

/**
 * A gateway at another version than the compose file pins, under a name of its own (`crabllm@0.0.24`), so that several versions can
 * stand side by side in one run. Everything else, limits and configuration above all, is the same.
 *
 * With an engine it is the image whose tag names that version as the pinned tag names the pinned one (`v1.4.19` → `v1.4.20`). Without
 * one it is the program in a folder of its own, which `crabllm-bench gateways NAME@VERSION` fills.
 * @throws BenchError `bad-value`; `version-unavailable` when what runs is fixed by a lock file
 */
export function atVersion(service: Service, version: string): Service {
  const name = `${service.name}@${version}`;
  // Variants are configurations of one program.
  const program = targetName({ gateway: service.variant?.of ?? service.name, variant: null, version });
  if (!/^[A-Za-z0-9][A-Za-z0-9_.+-]*$/.test(version)) {
    throw usageError('bad-value', `"${name}" names no version.`, 'Write NAME@VERSION, for example crabllm@0.0.24.');
  }
  if (service.build !== null || (service.process?.npmDirectory ?? null) !== null) {
    throw usageError(
      'version-unavailable',
      `${service.name} cannot be had at version ${version}: it is built from a lock file that fixes it.`,
      'Describe that version in a Compose file of your own, under another name, and give it with --compose FILE.',
    );
  }
  return {
    ...service,
    name,
    image: service.image === null ? null : imageAt(service.image, service.version, version),
    version,
    process:
      service.process === null
        ? null
        : { ...service.process, versionFolder: program, install: installAt(service.process, program) },
  };
}

/** `crabllm-bench gateways` brings versions of what it brings at all; anything else a person brings, to where it is looked for. */
function installAt({ install, command: [program] }: ProcessSpec, name: string): string {
  if (install?.startsWith('crabllm-bench gateways') === true) return `crabllm-bench gateways ${name}`;
  return `a build of that version as gateways/${name}/bin/${program ?? name} in the cache folder of crabllm-bench`;
}

function imageAt(image: string, pinned: string | null, version: string): string {
  const repository = image.replace(/(:[^:/@]+)?(@sha256:[0-9a-f]+)?$/, '');
  const tag = /:([^:/@]+)(@sha256:[0-9a-f]+)?$/.exec(image)?.[1] ?? '';
  return `${repository}:${pinned !== null && tag.includes(pinned) ? tag.replace(pinned, version) : version}`;
}
