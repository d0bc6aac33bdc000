import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, isAbsolute, join, normalize } from 'node:path';
import type { TrialFile, TrialRecord } from './trial.js';

/** A file of a trial with its bytes, or what is wrong with it. */
export type CheckedFile = { readonly bytes: Uint8Array } | { readonly fault: string };

/**
 * What the names of a measured trial's files begin with, for what is written of it later. Taken from the file that it has, because
 * only who wrote it knew whether its block had to be in the name. Null when nothing was measured.
 */
export function baseNameOf({ files }: TrialRecord): string | null {
  return files.raw === null ? null : basename(files.raw.name, '.json');
}

/** Reads a file that a trial's record names and checks its digest. A name that leads out of the run directory is not followed. */
export function checkFile(directory: string, { name, sha256 }: TrialFile): CheckedFile {
  if (leadsOut(name)) return { fault: 'its name leads out of the run directory' };
  const path = join(directory, name);
  if (!existsSync(path)) return { fault: 'missing' };
  const bytes = readFileSync(path);
  const found = digestOf(bytes);
  if (found === sha256) return { bytes };
  return { fault: `its bytes are not those that were measured: SHA-256 is ${found}, recorded was ${sha256}` };
}

/** Whether a name in a record leads out of the run directory: a record may come from anybody. */
export function leadsOut(name: string): boolean {
  return isAbsolute(name) || normalize(name).startsWith('..');
}

/** SHA-256 in hexadecimal. */
export function digestOf(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
