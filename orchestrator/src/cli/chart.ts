import { SHOW_OPTIONS, outputDirectory, readShowOptions } from './options/shown.js';
import type { Command } from './options/command.js';
import { showDirectory } from './show.js';

/** Shows a run that lies in a directory, measuring nothing. */
export const chartCommand: Command = {
  name: 'chart',
  about: 'Show a finished run again: table, charts, pages (also of the original suite)',
  words: [],
  options: SHOW_OPTIONS,
  examples: [['--output results --png --html', 'redraw pictures and page']],
  run: (given) => showDirectory(outputDirectory(given), { ...readShowOptions(given), chart: true }),
};
