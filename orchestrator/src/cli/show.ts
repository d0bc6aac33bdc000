import { join, relative } from 'node:path';
import { analyse } from '../analyse/analyse.js';
import { soakOf } from '../analyse/soak.js';
import { EXIT, type ExitCode } from '../errors.js';
import { holdsConduct } from '../record/conduct-directory.js';
import { readOriginal } from '../record/original.js';
import { type StoredRun, RunWriter, holdsRun, readRun } from '../record/run-directory.js';
import type { Summary } from '../record/summary.js';
import { commandOfWhole } from '../report/command-line.js';
import { renderMarkdown } from '../report/markdown.js';
import { renderChart } from '../report/terminal-chart.js';
import { styleOf } from '../report/terminal-style.js';
import { renderScreen, renderWhole } from '../report/terminal-screen.js';
import { ORIGINAL_FOLDER, writeOriginal } from './export-original.js';
import type { ShowOptions } from './options/shown.js';
import { rulerLine } from '../certificate/with-run.js';
import { objectivesOf } from '../record/objective-text.js';
import { showCapacity } from './show-capacity.js';
import { showConduct } from './show-conduct.js';
import { showSoak } from './soak.js';
import { writePage } from './write-page.js';

/**
 * Shows what lies in a directory, of this program or of the original suite, measuring nothing.
 * @throws BenchError when it holds no run, or one that cannot be read
 */
export async function showDirectory(directory: string, show: ShowOptions): Promise<ExitCode> {
  if (holdsConduct(directory)) return showConduct(directory, show);
  const run = holdsRun(directory) ? readRun(directory) : await readOriginalAloud(directory);
  const objectives = objectivesOf(run);
  if (objectives !== null) {
    await showCapacity(directory, run, objectives, show);
    return EXIT.ok;
  }
  if (run.manifest.options['soak'] !== undefined) showSoak(run, show.json);
  await showRun(directory, analyse(run.manifest, run.trials), show);
  return EXIT.ok;
}

/** Prints the table (or the JSON) on standard output and writes the files that were asked for; says on standard error which. */
export async function showRun(directory: string, summary: Summary, show: ShowOptions): Promise<void> {
  const { stdout } = process;
  const style = styleOf(stdout, process.env);
  const ruler = rulerLine(directory, summary);
  if (show.json) {
    stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
  } else {
    const whole = commandOfWhole(placeOf(directory));
    const text = show.full ? renderWhole(summary, ruler, style) : renderScreen(summary, ruler, whole, style);
    stdout.write(`${text}\n`);
    if (show.chart) stdout.write(`\n${renderChart(summary, style)}\n`);
  }
  const written = await writeFiles(directory, summary, ruler, show);
  if (show.original) written.push(...(await writeOriginal(directory, join(directory, ORIGINAL_FOLDER))));
  if (written.length > 0) process.stderr.write(`wrote ${written.join(', ')}\n`);
}

/** A directory as a person here would name it. */
function placeOf(directory: string): string {
  const place = relative(process.cwd(), directory);
  return place.startsWith('..') ? directory : place === '' ? '.' : place;
}

/** What was left out of a directory of the original suite has been said when it was read for the table. */
async function readAny(directory: string): Promise<StoredRun> {
  return holdsRun(directory) ? readRun(directory) : await readOriginal(directory);
}

async function readOriginalAloud(directory: string): Promise<StoredRun> {
  const { leftOut, ...run } = await readOriginal(directory);
  for (const { message } of leftOut) process.stderr.write(`left out: ${message}\n`);
  return run;
}

/** Pictures are drawn by libraries that take a fifth of a second to load, which only those who ask for them should wait for. */
async function writeFiles(directory: string, summary: Summary, ruler: string, show: ShowOptions): Promise<string[]> {
  const written: string[] = [];
  const write = (place: string, name: string, content: string | Uint8Array): void => {
    new RunWriter(place).writeFile(name, content);
    written.push(join(place, name));
  };
  if (show.png || show.svg) {
    const { chartFiles, soakPictures } = await import('../report/charts/files.js');
    const { featurePictures } = await import('../report/charts/feature-files.js');
    const files = [
      ...chartFiles(summary, show),
      ...featurePictures(summary, show),
      ...soakPictures(await readAny(directory), summary, show),
    ];
    for (const { name, content } of files) write(directory, name, content);
  }
  if (show.html) {
    const { renderHtml } = await import('../report/html.js');
    write(directory, 'report.html', renderHtml(summary, ruler, await readAny(directory)));
  }
  if (show.markdown !== null) {
    writePage(show.markdown, renderMarkdown(summary, ruler, soakOf(await readAny(directory))));
    written.push(show.markdown);
  }
  return written;
}
