import { analyse } from '../analyse/analyse.js';
import { EXIT, type ExitCode } from '../errors.js';
import { readOriginal } from '../record/original.js';
import { holdsRun, readRun } from '../record/run-directory.js';
import type { Summary } from '../record/summary.js';
import { renderTable } from '../report/terminal-table.js';
import { styleOf } from '../report/terminal-style.js';
import type { ShowOptions } from './bench-options.js';

export async function showDirectory(directory: string, show: ShowOptions): Promise<ExitCode> {
  const run = holdsRun(directory) ? readRun(directory) : await readOriginal(directory);
  await showRun(directory, analyse(run.manifest, run.trials), show);
  return EXIT.ok;
}
export async function showRun(_directory: string, summary: Summary, show: ShowOptions): Promise<void> {
  if (show.json) {
    process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
    return;
  }
  process.stdout.write(`${renderTable(summary, styleOf(process.stdout, process.env))}\n`);
}
export function tableText(summary: Summary, stream: NodeJS.WriteStream): string {
  return renderTable(summary, styleOf(stream, process.env));
}
