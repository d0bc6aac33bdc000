import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { BuildSpec } from '../../catalogue/service.js';
import { BenchError } from '../../errors.js';

/** What dockerode needs to send a build context. */
export interface BuildContext {
  readonly context: string;
  /** Every file of the context; dockerode leaves out what .dockerignore names. */
  readonly src: string[];
  /** The Dockerfile's path inside the context. */
  readonly dockerfile: string;
}

/**
 * Lists a build context. Files are named one by one, because dockerode applies .dockerignore to the names it is given:
 * with a folder's name a rule such as `!folder/kept` inside an ignored folder would be lost.
 * @throws BenchError `build-context` when the folder cannot be read or the Dockerfile lies outside.
 */
export async function buildContext(build: BuildSpec): Promise<BuildContext> {
  const { contextDirectory } = build;
  const dockerfile = relative(contextDirectory, build.dockerfile).replaceAll('\\', '/');
  if (dockerfile.startsWith('..')) {
    throw new BenchError({
      code: 'build-context',
      message: `${build.dockerfile} lies outside of the build context ${contextDirectory}`,
    });
  }
  return { context: contextDirectory, src: await filesUnder(contextDirectory), dockerfile };
}

async function filesUnder(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return (
    entries
      .filter((entry) => entry.isFile() || entry.isSymbolicLink())
      // Node 20 calls it `path`; 24 has only `parentPath`.
      .map((entry) => relative(directory, join(entry.parentPath ?? entry.path, entry.name)).replaceAll('\\', '/'))
  );
}
