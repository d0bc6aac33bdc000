import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { printedVersion } from './process/run-tool.js';

/** What is known of the file of a program. */
export interface ProgramFacts {
  /** What it answers to `--version`; null when that holds no version, or it does not run on this host. */
  readonly version: string | null;
  /** `sha256:` and the hash of the file; null when it may be executed but not read. */
  readonly digest: string | null;
}

/** Asks a program for its version, and reads what it is. */
export async function programFacts(path: string, signal: AbortSignal): Promise<ProgramFacts> {
  return {
    version: await printedVersion([path, '--version'], signal).catch(() => null),
    digest: await fileDigest(path),
  };
}

/** `sha256:` and the hash of a file; null when it may be executed but not read. */
async function fileDigest(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
    return `sha256:${hash.digest('hex')}`;
  } catch {
    return null;
  }
}
