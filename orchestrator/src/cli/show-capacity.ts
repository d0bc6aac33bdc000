import { join } from 'node:path';
import { analyseCapacity, searchSteps } from '../analyse/capacity.js';
import { usageError } from '../errors.js';
import type { Capacity } from '../record/capacity.js';
import type { Objective } from '../record/objective.js';
import { readRest } from '../record/rest.js';
import { RunWriter, type StoredRun } from '../record/run-directory.js';
import { renderCapacityMarkdown } from '../report/capacity-markdown.js';
import { renderCapacity } from '../report/capacity-text.js';
import { styleOf } from '../report/terminal-style.js';
import type { ShowOptions } from './options/shown.js';
import { writePage } from './write-page.js';

/** On standard output, for a person or as JSON. */
function printCapacity(capacity: Capacity, json: boolean): void {
  const text = json
    ? JSON.stringify(capacity, null, 2)
    : renderCapacity(capacity, styleOf(process.stdout, process.env));
  process.stdout.write(`${text}\n`);
}

/**
 * Shows a search that lies in a directory, and writes what was asked for beside it; says on standard error which files.
 * @throws BenchError `bad-value` for what a search has not
 */
export async function showCapacity(
  directory: string,
  run: StoredRun,
  objectives: readonly Objective[],
  show: ShowOptions,
): Promise<void> {
  if (show.original)
    throw usageError(
      'bad-value',
      '--original says nothing of a search for capacity: the original suite has no such files.',
      'Leave it out; capacity.json has the answers, trials.jsonl every window.',
    );
  const capacity = analyseCapacity(run.manifest, run.trials, readRest(directory), objectives);
  printCapacity(capacity, show.json);
  const written = await writeFiles(directory, capacity, run, objectives, show);
  if (written.length > 0) process.stderr.write(`wrote ${written.join(', ')}\n`);
}

/** What draws takes a fifth of a second to load, which only those who ask for it should wait for. */
async function writeFiles(
  directory: string,
  capacity: Capacity,
  { manifest, trials }: StoredRun,
  objectives: readonly Objective[],
  show: ShowOptions,
): Promise<string[]> {
  const written: string[] = [];
  const write = (name: string, content: string | Uint8Array): void => {
    new RunWriter(directory).writeFile(name, content);
    written.push(join(directory, name));
  };
  const steps = searchSteps(manifest, trials, objectives);
  if (show.png || show.svg) {
    const { capacityPictures } = await import('../report/charts/capacity-files.js');
    const { surfacePictures } = await import('../report/charts/surface-files.js');
    const names = manifest.targets.map(({ name }) => name);
    const files = [...capacityPictures(capacity, steps, names, show), ...surfacePictures(capacity, show)];
    for (const { name, content } of files) write(name, content);
  }
  if (show.html) {
    const { renderCapacityHtml } = await import('../report/capacity-html.js');
    write('report.html', renderCapacityHtml(capacity, steps, manifest));
  }
  if (show.markdown !== null) {
    writePage(show.markdown, renderCapacityMarkdown(capacity));
    written.push(show.markdown);
  }
  return written;
}
