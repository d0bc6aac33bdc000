import { analyseSoak } from '../analyse/soak.js';
import { RunWriter, readRun, type StoredRun } from '../record/run-directory.js';
import type { Soak } from '../record/soak.js';
import { renderSoak } from '../report/soak-text.js';
import { styleOf } from '../report/terminal-style.js';

/** Says whether memory grew: on standard error when standard output is for the summary. */
export function showSoak({ manifest, trials }: StoredRun, json: boolean): Soak {
  const soak = analyseSoak(manifest, trials);
  const stream = json ? process.stderr : process.stdout;
  stream.write(`${renderSoak(soak, styleOf(stream, process.env))}\n\n`);
  return soak;
}

/** The same, and writes `soak.json`. */
export function concludeSoak(directory: string, json: boolean): void {
  new RunWriter(directory).writeJson('soak.json', showSoak(readRun(directory), json));
}
