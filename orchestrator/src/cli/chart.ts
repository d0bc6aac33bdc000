import { SHOW_OPTIONS, outputDirectory, readShowOptions } from './options/shown.js';
import { usageError } from '../errors.js';
import { type Command, type RawOptions, valueOf } from './options/command.js';
import { showDirectory } from './show.js';

/** Shows a run that lies in a directory, measuring nothing. */
export const chartCommand: Command = {
  name: 'chart',
  about: 'Show a finished run again: table, charts, pages (also of the original suite)',
  words: [],
  optionalWords: ['directory'],
  options: SHOW_OPTIONS,
  exitCodes:
    'Exit codes: 0 shown, whatever the run says · 2 no run lies there, or it cannot be read · 4 a page or picture cannot be written',
  examples: [
    ['results --png --html', 'redraw pictures and page'],
    ['their-results', 'a directory of the original suite'],
  ],
  run: (given, [directory]) =>
    showDirectory(outputDirectory(withOutput(given, directory)), { ...readShowOptions(given), chart: true }),
};

/** The directory may be a word, as for the other commands that look at a run. */
function withOutput(given: RawOptions, directory: string | undefined): RawOptions {
  if (directory === undefined) return given;
  if (valueOf(given, 'output') !== undefined)
    throw usageError(
      'bad-value',
      'The directory is named twice.',
      'Give it once: chart DIRECTORY, or --output DIRECTORY.',
    );
  return { ...given, output: directory };
}
