import { mkdirSync, readdirSync, renameSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { artefactsOf } from '../record/run-artefacts.js';
import { holdsRun, readRun } from '../record/run-directory.js';

const KEPT = 'earlier';

/**
 * Moves the run that lies in an output directory out of the new one's way, into `earlier/<run id>`: nothing measured is
 * overwritten, and no file of one run stands among those of another. What is not the run's stays where it is.
 * @returns where it was moved to, or null when there was none
 */
export function keepEarlierRun(directory: string): string | null {
  if (!holdsRun(directory)) return null;
  const place = join(directory, KEPT, idOf(directory));
  const names = artefactsOf(directory);
  for (const name of names) {
    mkdirSync(dirname(join(place, name)), { recursive: true });
    renameSync(join(directory, name), join(place, name));
  }
  for (const folder of new Set(names.map(dirname))) {
    if (folder !== '.' && readdirSync(join(directory, folder)).length === 0) rmdirSync(join(directory, folder));
  }
  return place;
}

function idOf(directory: string): string {
  try {
    return readRun(directory).manifest.id;
  } catch {
    // A run that cannot be read is kept all the same, under the time at which it was put aside.
    return `unreadable-${Date.now()}`;
  }
}
