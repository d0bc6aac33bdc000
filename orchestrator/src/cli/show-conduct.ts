import { join } from 'node:path';
import { requestsBehind } from '../analyse/conduct/evidence.js';
import type { RowName, SeenCase } from '../analyse/conduct/case-rows.js';
import type { PlayedResult } from '../analyse/conduct/over-run.js';
import { entryOf } from '../analyse/conduct/row-book.js';
import { storyOf } from '../analyse/conduct/story.js';
import { conductRulerLine } from '../certificate/with-run.js';
import { EXIT, type ExitCode, usageError } from '../errors.js';
import { type RawCase, seenOf, seriesOf } from '../execute/conduct.js';
import { CONDUCT_CASES, type ConductCase } from '../plan/conduct-cases.js';
import type { ConductRun } from '../record/conduct.js';
import { readConduct, readConductRaw } from '../record/conduct-directory.js';
import { RunWriter } from '../record/run-directory.js';
import { conductCard } from '../report/conduct-card.js';
import type { ConductRaw } from '../report/conduct-html.js';
import type { Behind } from '../report/conduct-page-model.js';
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
  // What draws takes a fifth of a second to load, which only those who ask for it should wait for.
  const { renderConductHtml } = await import('../report/conduct-html.js');
  new RunWriter(directory).writeFile('report.html', renderConductHtml(run, rawOf(directory, run)));
  return join(directory, 'report.html');
}

async function writePictures(directory: string, run: ConductRun): Promise<string[]> {
  const [{ conductPicture }, { svgToPng }] = await Promise.all([
    import('../report/charts/conduct.js'),
    import('../report/charts/png.js'),
  ]);
  const writer = new RunWriter(directory);
  return run.played.flatMap((each) => {
    const opened = 'files' in each ? open(directory, each) : null;
    if (opened === null) return [];
    const { found, played, raw } = opened;
    const series = seriesOf(raw);
    const name = `charts/conduct-${found.target}-${found.case}.b${found.block}.png`;
    writer.writeFile(name, svgToPng(conductPicture(series, `${found.target}: ${played.about}`)));
    return [join(directory, name)];
  });
}

interface Opened {
  readonly found: PlayedResult;
  readonly played: ConductCase;
  readonly raw: RawCase;
  readonly seen: SeenCase;
}

/** Null for a case that this version does not know: there is nothing to compute its rows with. */
function open(directory: string, found: PlayedResult): Opened | null {
  const played = CONDUCT_CASES.find(({ name }) => name === found.case);
  if (played === undefined) return null;
  const raw = readConductRaw(directory, found);
  return { found, played, raw, seen: seenOf(played, raw) };
}

/** Of the first block that each case was played in: one request is an example, and one picture an outage. */
function rawOf(directory: string, run: ConductRun): ConductRaw {
  const opened = new Map<string, Opened | null>();
  const find = (target: string, name: string): Opened | null => {
    const key = JSON.stringify([target, name]);
    if (!opened.has(key)) {
      const found = run.played.find((each) => each.target === target && each.case === name && 'files' in each);
      opened.set(key, found === undefined ? null : open(directory, found as PlayedResult));
    }
    return opened.get(key) ?? null;
  };
  return {
    behind: (target, name, row): Behind | null => {
      const one = find(target, name);
      if (one === null || entryOf(row) === undefined) return null;
      const fates = requestsBehind(row as RowName, one.played, one.seen);
      const [first] = fates;
      return { count: fates.length, story: first === undefined ? null : storyOf(first) };
    },
    series: (target, name) => {
      const one = find(target, name);
      return one === null ? null : seriesOf(one.raw);
    },
  };
}
