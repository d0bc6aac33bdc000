import { readFile, stat } from 'node:fs/promises';
import { PROGRAM_IN_CONTAINER } from '../../catalogue/own-program.js';
import type { ConfigMount, Service } from '../../catalogue/service.js';
import { messageOf } from '../../errors.js';
import type { ArchiveEntry } from './archive.js';
import { startFailed } from './engine-error.js';

const OTHERS_MAY_READ = 0o004;
const OTHERS_MAY_RUN = 0o005;

/** How each config file of a service gets into its container. */
export interface ConfigFiles {
  /** Mounted from the host. */
  readonly binds: readonly ConfigMount[];
  /** Copied in before the start. */
  readonly copies: readonly ArchiveEntry[];
}

/**
 * Chooses for each config file. A mount needs an engine that sees this host's files: not from inside a container, and
 * not on another machine, where the engine would look for the path on its own disk. It also needs a file that everybody
 * may read, because the container runs without capabilities and perhaps as another user: a private one is copied.
 * @throws BenchError `start-failed` when a file is missing, or no plain file.
 */
export async function placeConfigFiles(service: Service, sharesFiles: boolean): Promise<ConfigFiles> {
  const binds: ConfigMount[] = [];
  const copies: ArchiveEntry[] = [];
  for (const mount of service.mounts) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- a handful of files, and the first fault is the one to tell
      const seen = await stat(mount.hostPath);
      if (!seen.isFile()) throw new Error('it is not a plain file');
      if (sharesFiles && (seen.mode & OTHERS_MAY_READ) !== 0) binds.push(mount);
      // oxlint-disable-next-line no-await-in-loop -- as above
      else copies.push({ path: mount.containerPath, mode: 0o444, content: await readFile(mount.hostPath) });
    } catch (error) {
      throw startFailed(
        service.name,
        `its config file ${mount.hostPath} cannot be used: ${messageOf(error)}`,
        'Check the volumes of the service in the compose file.',
        error,
      );
    }
  }
  if (service.program !== undefined) await placeProgram(service.program, sharesFiles, binds, copies);
  return { binds, copies };
}

/** Mounted or copied by the same rules as a file of configuration, but to be run. */
async function placeProgram(
  path: string,
  sharesFiles: boolean,
  binds: ConfigMount[],
  copies: ArchiveEntry[],
): Promise<void> {
  const { mode } = await stat(path);
  if (sharesFiles && (mode & OTHERS_MAY_RUN) === OTHERS_MAY_RUN)
    binds.push({ hostPath: path, containerPath: PROGRAM_IN_CONTAINER });
  else copies.push({ path: PROGRAM_IN_CONTAINER, mode: 0o555, content: await readFile(path) });
}
