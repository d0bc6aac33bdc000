import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyseCapacity } from '../analyse/capacity.js';
import { type Capacity, type Rest, restSchema } from '../record/capacity.js';
import type { Objective } from '../record/objective.js';
import type { StoredRun } from '../record/run-directory.js';
import { renderCapacity } from '../report/capacity-text.js';
import { styleOf } from '../report/terminal-style.js';
import { parseObjectives } from '../record/objective-text.js';

/** The objectives of a search for capacity; null when the run is none. */
export function objectivesOf({ manifest: { options } }: StoredRun): Objective[] | null {
  return options['find-capacity'] === true ? parseObjectives(String(options['slo'])) : null;
}

/** Computed from the records of a search, like everything else. */
export function capacityOf(
  directory: string,
  { manifest, trials }: StoredRun,
  objectives: readonly Objective[],
): Capacity {
  return analyseCapacity(manifest, trials, readRest(directory), objectives);
}

/** On standard output, for a person or as JSON. */
export function printCapacity(capacity: Capacity, json: boolean): void {
  const text = json
    ? JSON.stringify(capacity, null, 2)
    : renderCapacity(capacity, styleOf(process.stdout, process.env));
  process.stdout.write(`${text}\n`);
}

function readRest(directory: string): Rest {
  const path = join(directory, 'rest.json');
  return existsSync(path) ? restSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) : [];
}
