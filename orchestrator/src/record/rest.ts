import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Rest, restSchema } from './capacity.js';

/** What each target took without load, as a search for capacity wrote it; empty when it wrote nothing. */
export function readRest(directory: string): Rest {
  const path = join(directory, 'rest.json');
  return existsSync(path) ? restSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) : [];
}
