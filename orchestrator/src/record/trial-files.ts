import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import type { TrialFile } from './trial.js';

/** A file of a trial with its bytes, or what is wrong with it. */
export type CheckedFile = { readonly bytes: Uint8Array } | { readonly fault: string };

/** Reads a file that a trial's record names and checks its digest. A name that leads out of the run directory is not followed. */
export function checkFile(directory: string, { name, sha256 }: TrialFile): CheckedFile {
  const inside = normalize(name);
  if (inside.startsWith('..') || inside.startsWith('/')) return { fault: 'its name leads out of the run directory' };
  const path = join(directory, inside);
  if (!existsSync(path)) return { fault: 'missing' };
  const bytes = readFileSync(path);
  const found = digestOf(bytes);
  if (found === sha256) return { bytes };
  return { fault: `its bytes are not those that were measured: SHA-256 is ${found}, recorded was ${sha256}` };
}

/** SHA-256 in hexadecimal. */
export function digestOf(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
