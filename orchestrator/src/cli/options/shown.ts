import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Options } from 'yargs';
import { usageError } from '../../errors.js';
import type { Look } from '../../report/charts/theme.js';
import { flagOption, type RawOptions, textOption, valueOf } from './command.js';
import { parseChoice, parseNames } from './values.js';

/** What is made of a run directory. */
export interface ShowOptions {
  readonly chart: boolean;
  /** Everything that is told, however long; else as much as makes a screen. */
  readonly full: boolean;
  readonly png: boolean;
  readonly svg: boolean;
  /** How pictures are drawn. */
  readonly looks: readonly Look[];
  readonly html: boolean;
  /** File for the Markdown page. */
  readonly markdown: string | null;
  readonly json: boolean;
  /** Also as the files of the original suite. */
  readonly original: boolean;
}

/** Under which these options stand in help. */
export const SHOWN = 'What is shown';

const ALL_LOOKS: readonly Look[] = ['light', 'dark', 'transparent'];

/** How pictures look, wherever there are any. */
export const LOOKS_OPTION = textOption(
  SHOWN,
  `How pictures are drawn: one or several of ${ALL_LOOKS.join(', ')}`,
  'light',
);

/** The options that say what is made of a run directory. */
export const SHOW_OPTIONS: Readonly<Record<string, Options>> = {
  output: textOption(SHOWN, 'Run directory', 'results'),
  chart: flagOption(SHOWN, 'Draw charts on the terminal as well'),
  full: flagOption(SHOWN, 'Print all notes whole, also where that is longer than a screen'),
  png: flagOption(SHOWN, 'Write charts/*.svg and *.png'),
  svg: flagOption(SHOWN, 'Write charts/*.svg alone'),
  theme: LOOKS_OPTION,
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
    full: raw['full'] === true,
    png: raw['png'] === true,
    svg: raw['svg'] === true,
    looks: readLooks(raw),
    html: raw['html'] === true,
    markdown: markdownFile(raw),
    json: raw['json'] === true,
    original: raw['original'] === true,
  };
}

/**
 * The looks that `--theme` names.
 * @throws BenchError `bad-value` for another look, or where no picture is asked for
 */
export function readLooks(raw: RawOptions): Look[] {
  const given = valueOf(raw, 'theme');
  if (given === undefined) return ['light'];
  if (raw['png'] !== true && raw['svg'] !== true)
    throw usageError('bad-value', '--theme says nothing without pictures.', 'Give --png or --svg beside it.');
  const names = parseNames('theme', given, 'light,dark');
  return [...new Set(names)].map((name) => parseChoice('theme', name, ALL_LOOKS));
}
