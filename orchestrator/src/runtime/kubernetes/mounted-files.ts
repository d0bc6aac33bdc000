import { readFile, stat } from 'node:fs/promises';
import type { Service } from '../../catalogue/service.js';
import { BenchError, messageOf } from '../../errors.js';
import { startFailed } from './api-error.js';

/** What etcd takes of one object, less what the object itself needs. */
const MOST_FILE_BYTES = 1_000_000;
const OTHERS_MAY_READ = 0o004;

/** A file that a container sees. */
export interface MountedFile {
  readonly containerPath: string;
  readonly content: Uint8Array;
  /** Not for everybody's eyes: it goes into a Secret. */
  readonly isPrivate: boolean;
}

/**
 * Reads the files that a service mounts.
 * @throws BenchError `start-failed` for one that is missing, no plain file, or larger than what an object of a cluster may hold
 */
export async function readMounts(service: Pick<Service, 'name' | 'mounts'>): Promise<MountedFile[]> {
  const files = await Promise.all(
    service.mounts.map(async ({ hostPath, containerPath }): Promise<MountedFile> => {
      try {
        const seen = await stat(hostPath);
        if (!seen.isFile()) throw new Error('it is not a plain file');
        return { containerPath, content: await readFile(hostPath), isPrivate: (seen.mode & OTHERS_MAY_READ) === 0 };
      } catch (thrown) {
        throw startFailed(service.name, {
          code: 'start-failed',
          message: `its file ${hostPath} cannot be used: ${messageOf(thrown)}`,
        });
      }
    }),
  );
  const bytes = files.reduce((sum, { content }) => sum + content.length, 0);
  if (bytes > MOST_FILE_BYTES)
    throw new BenchError({
      code: 'start-failed',
      message: `${service.name} could not be started: its files are ${bytes} bytes, and a ConfigMap holds ${MOST_FILE_BYTES}`,
      hint: 'Put large files into its image.',
    });
  return files;
}
