import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { analyse } from '../analyse/analyse.js';
import { BenchError, EXIT, type ExitCode, messageOf } from '../errors.js';
import { readOriginal } from '../record/original.js';
import { holdsRun, readRun } from '../record/run-directory.js';
import type { Summary } from '../record/summary.js';
import { svgToPng } from '../report/charts/png.js';
import { renderSvg } from '../report/charts/svg.js';
import { THEMES } from '../report/charts/theme.js';
import { renderHtml } from '../report/html.js';
import { renderMarkdown } from '../report/markdown.js';
import { reportModel } from '../report/model.js';
import { renderChart } from '../report/terminal-chart.js';
import { styleOf } from '../report/terminal-style.js';
import { renderTable } from '../report/terminal-table.js';
import type { ShowOptions } from './bench-options.js';

/**
 * Shows what is in a run directory, also one of the original Python suite; measures nothing.
 * @throws BenchError `no-results`, `run-damaged`, `output-failed`
 */
export async function showDirectory(directory: string, show: ShowOptions): Promise<ExitCode> {
  if (holdsRun(directory)) {
    const { manifest, trials } = readRun(directory);
    showRun(directory, analyse(manifest, trials), show);
  } else {
    const { manifest, trials, leftOut } = await readOriginal(directory);
    for (const { message } of leftOut) process.stderr.write(`left out: ${message}\n`);
    showRun(directory, analyse(manifest, trials), show);
  }
  return EXIT.ok;
}

/** Prints a summary and writes what was asked for besides. */
export function showRun(directory: string, summary: Summary, show: ShowOptions): void {
  const style = styleOf(process.stdout, process.env);
  if (show.json) {
    process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
  } else {
    process.stdout.write(`${renderTable(summary, style)}\n`);
    if (show.chart) process.stdout.write(`\n${renderChart(summary, style)}\n`);
  }
  const written: string[] = [];
  const write = (path: string, content: string | Uint8Array): void => {
    writeOut(path, content);
    written.push(path);
  };
  if (show.png) drawCharts(join(directory, 'charts'), summary, write);
  if (show.html) write(join(directory, 'report.html'), renderHtml(summary));
  if (show.markdown !== null) write(resolve(show.markdown), renderMarkdown(summary));
  if (written.length > 0) process.stderr.write(`written: ${written.join(', ')}\n`);
}

/** The table alone, for a status display. */
export function tableText(summary: Summary, stream: NodeJS.WriteStream): string {
  return renderTable(summary, styleOf(stream, process.env));
}

function drawCharts(
  directory: string,
  summary: Summary,
  write: (path: string, content: string | Uint8Array) => void,
): void {
  const model = reportModel(summary);
  for (const scenario of model.scenarios) {
    const svg = renderSvg(model, scenario, THEMES.light);
    write(join(directory, `${scenario.scenario}.svg`), svg);
    write(join(directory, `${scenario.scenario}.png`), svgToPng(svg));
  }
}

function writeOut(path: string, content: string | Uint8Array): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  } catch (cause) {
    throw new BenchError({
      code: 'output-failed',
      message: `Cannot write ${path}: ${messageOf(cause)}.`,
      hint: 'Choose another place, or make it writable.',
      cause,
    });
  }
}
