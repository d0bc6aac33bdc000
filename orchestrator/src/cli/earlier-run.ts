import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { holdsRun, readRun } from '../record/run-directory.js';

const KEPT = 'earlier';

/**
 * Moves the run that lies in an output directory out of the new one's way, into `earlier/<run id>`: nothing measured is
 * overwritten, and no file of one run stands among those of another.
 * @returns where it was moved to, or null when there was none
 */
export function keepEarlierRun(directory: string): string | null {
  if (!holdsRun(directory)) return null;
  const place = join(KEPT, idOf(directory));
  mkdirSync(join(directory, place), { recursive: true });
  for (const entry of readdirSync(directory)) {
    if (entry !== KEPT && !entry.startsWith('.')) renameSync(join(directory, entry), join(directory, place, entry));
  }
  return join(directory, place);
}

function idOf(directory: string): string {
  try {
    return readRun(directory).manifest.id;
  } catch {
    // A run that cannot be read is kept all the same, under the time at which it was put aside.
    return `unreadable-${Date.now()}`;
  }
}
