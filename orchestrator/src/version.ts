import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { installed } from './installation.js';

const stamp = z
  .object({ version: z.string(), commit: z.string().optional() })
  .parse(JSON.parse(readFileSync(installed('package.json'), 'utf8')));

/** This program's version, mock included: they are one package. */
export const VERSION: string = stamp.version;

/** The commit that it was packed from, with `-dirty` where files were changed; null in a clone, where nobody can know what was built. */
export const COMMIT: string | null = stamp.commit ?? null;

/** The tag of the image that holds this build: what is built of another commit must never be taken for it. */
export const IMAGE_TAG: string = COMMIT === null ? VERSION : `${VERSION}-${COMMIT}`;
