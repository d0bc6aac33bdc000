import { analyseSoak } from '../analyse/soak.js';
import { readRun, RunWriter } from '../record/run-directory.js';
import { renderSoak } from '../report/capacity-text.js';
import { styleOf } from '../report/terminal-style.js';
import type { Measured } from './measure.js';

/** Writes `soak.json` and says, on standard error when standard output is for the summary, whether memory grew. */
export function showSoak({ directory }: Pick<Measured, 'directory'>, json: boolean): void {
  const { manifest, trials } = readRun(directory);
  const soak = analyseSoak(manifest, trials);
  new RunWriter(directory).writeJson('soak.json', soak);
  const stream = json ? process.stderr : process.stdout;
  stream.write(`${renderSoak(soak, styleOf(stream, process.env))}\n\n`);
}
