import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { composeServiceName } from '../../catalogue/target-name.js';
import type { Owner } from './owner.js';

/** Compose's name for everything that belongs to this project, and the beginning of container names. */
export const PROJECT = 'crabllm-bench';

/** The label that only containers started by this program carry; its value is the run's id. */
export const RUN_LABEL = `${PROJECT}.run`;

/** What a container is for. */
export interface ContainerRole {
  readonly service: string;
  readonly role: 'mock' | 'gateway' | 'helper' | 'tool';
  readonly number: number;
}

/**
 * All labels of a container: Compose's own, so that `docker compose ps` shows it and `docker compose down` removes it (not what a file of the user's
 * describes, and no tool, which counts as run once: `make down` removes those by our own),
 * and those by which a later run finds what a crashed one left.
 * @param fingerprint what the container was made from; Compose compares its hash to see whether it is up to date.
 */
export function labelsFor(
  container: ContainerRole,
  runId: string,
  owner: Owner,
  composeFiles: readonly string[],
  fingerprint: unknown,
): Record<string, string> {
  const [firstFile] = composeFiles;
  return {
    'com.docker.compose.project': PROJECT,
    // Compose knows the service and not its version, and removes only what it knows.
    'com.docker.compose.service': composeServiceName(container.service),
    'com.docker.compose.container-number': String(container.number),
    'com.docker.compose.oneoff': container.role === 'tool' ? 'True' : 'False',
    'com.docker.compose.config-hash': createHash('sha256').update(JSON.stringify(fingerprint)).digest('hex'),
    ...(firstFile === undefined
      ? {}
      : {
          'com.docker.compose.project.working_dir': dirname(firstFile),
          'com.docker.compose.project.config_files': composeFiles.join(','),
        }),
    [RUN_LABEL]: runId,
    [`${PROJECT}.role`]: container.role,
    [`${PROJECT}.owner.pid`]: String(owner.pid),
    [`${PROJECT}.owner.host`]: owner.host,
    [`${PROJECT}.owner.space`]: owner.space,
    [`${PROJECT}.owner.started`]: owner.started,
    ...(owner.container === null ? {} : { [`${PROJECT}.owner.container`]: owner.container }),
  };
}

/** The owner written into a container's labels. */
export function ownerFrom(labels: Readonly<Record<string, string>>): Owner {
  return {
    pid: Number(labels[`${PROJECT}.owner.pid`]),
    host: labels[`${PROJECT}.owner.host`] ?? '',
    space: labels[`${PROJECT}.owner.space`] ?? '',
    started: labels[`${PROJECT}.owner.started`] ?? '',
    container: labels[`${PROJECT}.owner.container`] ?? null,
  };
}
