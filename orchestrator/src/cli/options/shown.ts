import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Options } from 'yargs';
import { usageError } from '../../errors.js';
import { flagOption, type RawOptions, textOption, valueOf } from './command.js';

/** What is made of a run directory. */
export interface ShowOptions {
  readonly chart: boolean;
  readonly png: boolean;
  readonly html: boolean;
  /** File for the Markdown page. */
  readonly markdown: string | null;
  readonly json: boolean;
  /** Also as the files of the original suite. */
  readonly original: boolean;
}

/** Under which these options stand in help. */
export const SHOWN = 'What is shown';

/** The options that say what is made of a run directory. */
export const SHOW_OPTIONS: Readonly<Record<string, Options>> = {
  output: textOption(SHOWN, 'Run directory', 'results'),
  chart: flagOption(SHOWN, 'Draw charts on the terminal as well'),
  png: flagOption(SHOWN, 'Write charts/*.svg and *.png'),
  html: flagOption(SHOWN, 'Write report.html, one self-contained page'),
  markdown: textOption(
    SHOWN,
    'Write a Markdown page to this file; with nothing but --output beside it, of the run that is there',
  ),
  original: flagOption(SHOWN, 'Write original/, the files that scripts of the original suite read'),
  json: flagOption(SHOWN, 'Print summary.json on standard output and nothing else'),
};

/** The run directory, absolute. */
export function outputDirectory(raw: RawOptions): string {
  return resolve(valueOf(raw, 'output') ?? 'results');
}

/**
 * The file that `--markdown` names, absolute; null without it. Looked at before anything is measured.
 * @throws BenchError `bad-value` for a folder
 */
export function markdownFile(raw: RawOptions): string | null {
  return pageFile(raw, 'markdown', 'report.md');
}

/**
 * The file that an option names for a page, absolute; null without it.
 * @param example what such a file is called
 * @throws BenchError `bad-value` for a folder
 */
export function pageFile(raw: RawOptions, option: string, example: string): string | null {
  const given = valueOf(raw, option);
  if (given === undefined) return null;
  const path = resolve(given);
  if (given === '' || given.endsWith('/') || statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    throw usageError(
      'bad-value',
      `--${option} ${JSON.stringify(given)} is a folder, not a file.`,
      `Give a file: --${option} ${given.replace(/\/+$/, '') || '.'}/${example}.`,
    );
  return path;
}

/** The part of the options that concerns what is made of a run directory. */
export function readShowOptions(raw: RawOptions): ShowOptions {
  return {
    chart: raw['chart'] === true,
    png: raw['png'] === true,
    html: raw['html'] === true,
    markdown: markdownFile(raw),
    json: raw['json'] === true,
    original: raw['original'] === true,
  };
}
