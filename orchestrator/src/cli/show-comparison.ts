import { resolve } from 'node:path';
import { usageError } from '../errors.js';
import type { Comparison } from '../record/comparison.js';
import type { Look } from '../report/charts/theme.js';
import type { ShownGate } from '../report/comparison-page-model.js';
import { flagOption, type RawOptions, textOption, valueOf } from './options/command.js';
import { LOOKS_OPTION, markdownFile, pageFile, readLooks, SHOWN } from './options/shown.js';
import { writePage } from './write-page.js';

/** What is made of a comparison beside what is printed. */
export interface ComparisonShown {
  /** Files for the page and the comment; null without. */
  readonly html: string | null;
  readonly markdown: string | null;
  readonly png: boolean;
  readonly svg: boolean;
  readonly looks: readonly Look[];
  /** Where pictures go. */
  readonly output: string;
}

/** Where a page goes that no file was named for. */
const PAGE = 'comparison.html';

/** The options that say what is made of a comparison. */
export const COMPARISON_SHOWN = {
  html: {
    ...textOption(SHOWN, `Write a page with a chart for each kind of figure to this file; it needs nothing else`, PAGE),
    requiresArg: false,
  },
  png: flagOption(SHOWN, 'Write its charts as charts/comparison-FIGURE.svg and .png'),
  svg: flagOption(SHOWN, 'Write charts/comparison-FIGURE.svg alone'),
  theme: LOOKS_OPTION,
  output: textOption(SHOWN, 'Folder below which charts/ is written', 'the one that you are in'),
  markdown: textOption(SHOWN, 'Write a comment for a pull request to this file'),
  json: flagOption(SHOWN, 'Print the comparison as JSON on standard output and nothing else'),
} as const;

/** @throws BenchError `bad-value` for a folder where a file is to be, another look, or a folder of pictures without any */
export function readComparisonShown(given: RawOptions): ComparisonShown {
  if (given['output'] !== undefined && given['png'] !== true && given['svg'] !== true)
    throw usageError('bad-value', '--output says nothing without pictures.', 'Give --png or --svg beside it.');
  return {
    html: given['html'] === '' ? resolve(PAGE) : pageFile(given, 'html', PAGE),
    markdown: markdownFile(given),
    png: given['png'] === true,
    svg: given['svg'] === true,
    looks: readLooks(given),
    output: resolve(valueOf(given, 'output') ?? '.'),
  };
}

/**
 * Writes what was asked for, and says on standard error which files.
 * @param comment what `--markdown` writes
 * @throws BenchError `output-unwritable`, `page-not-built`
 */
export async function writeComparison(
  comparison: Comparison,
  gate: ShownGate | null,
  comment: () => string,
  { html, markdown, png, svg, looks, output }: ComparisonShown,
): Promise<void> {
  const written: string[] = [];
  const write = (path: string, content: string | Uint8Array, option: string): void => {
    writePage(path, content, option);
    written.push(path);
  };
  if (markdown !== null) write(markdown, comment(), 'markdown');
  // What draws takes a fifth of a second to load, which only those who ask for it should wait for.
  if (html !== null) {
    const { renderComparisonHtml } = await import('../report/comparison-html.js');
    write(html, renderComparisonHtml(comparison, gate), 'html');
  }
  if (png || svg) {
    const { comparisonPictures } = await import('../report/charts/comparison-files.js');
    for (const { name, content } of comparisonPictures(comparison, gate, { png, looks }))
      write(resolve(output, name), content, 'output');
  }
  if (written.length > 0) process.stderr.write(`wrote ${written.join(', ')}\n`);
}
