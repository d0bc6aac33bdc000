import { join } from 'node:path';
import { conductRulerLine } from '../certificate/with-run.js';
import { EXIT, type ExitCode, usageError } from '../errors.js';
import { seriesOf } from '../execute/conduct-raw.js';
import type { ConductRun } from '../record/conduct.js';
import { readConduct } from '../record/conduct-directory.js';
import { RunWriter } from '../record/run-directory.js';
import { conductCard } from '../report/conduct-card.js';
import { conductPage, openPlayed } from '../serve/conduct-page.js';
import type { ShowOptions } from './options/shown.js';
import { writePage } from './write-page.js';

/** Shows what `--group conduct` measured, measuring nothing: its scorecard, and what was asked for beside it. */
export async function showConduct(directory: string, show: ShowOptions): Promise<ExitCode> {
  if (show.svg || show.looks.some((look) => look !== 'light'))
    throw usageError(
      'bad-value',
      '--svg and --theme say nothing of what --group conduct wrote.',
      'Its pictures are light, and PNG: --png.',
    );
  const run = readConduct(directory);
  const card = `${conductCard(run)}\n${conductRulerLine(directory, run)}\n`;
  process.stdout.write(show.json ? `${JSON.stringify(run, null, 2)}\n` : card);
  const written: string[] = [];
  if (show.markdown !== null) {
    writePage(show.markdown, card);
    written.push(show.markdown);
  }
  if (show.html) written.push(await writeConductPage(directory, run));
  if (show.png) written.push(...(await writePictures(directory, run)));
  if (written.length > 0) process.stderr.write(`wrote ${written.join(', ')}\n`);
  return EXIT.ok;
}

/** @returns the path of the page */
export async function writeConductPage(directory: string, run: ConductRun): Promise<string> {
  new RunWriter(directory).writeFile('report.html', await conductPage(directory, run, 'file'));
  return join(directory, 'report.html');
}

async function writePictures(directory: string, run: ConductRun): Promise<string[]> {
  const [{ conductPicture }, { svgToPng }] = await Promise.all([
    import('../report/charts/conduct.js'),
    import('../report/charts/png.js'),
  ]);
  const writer = new RunWriter(directory);
  return run.played.flatMap((each) => {
    const opened = 'files' in each ? openPlayed(directory, each) : null;
    if (opened === null) return [];
    const { found, played, raw } = opened;
    const series = seriesOf(raw);
    const name = `charts/conduct-${found.target}-${found.case}.b${found.block}.png`;
    writer.writeFile(name, svgToPng(conductPicture(series, `${found.target}: ${played.about}`)));
    return [join(directory, name)];
  });
}
