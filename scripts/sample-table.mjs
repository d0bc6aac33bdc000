#!/usr/bin/env node
// Puts what the program prints of a run into a page, in the place of the sample that stands there; and the picture of its streamed chat.
//
//   make bench ARGS="--group overhead --duration 6 --blocks 3 --rps '100 500' --output results/sample"
//   node scripts/sample-table.mjs README.md docs/results/process.json   of a summary that is kept (scripts/results-page.mjs)
//   node scripts/sample-table.mjs README.md results/sample
//   node scripts/sample-table.mjs docs/reading-a-run.md results/sceptic
//
// The sample is the block of the page that begins with the table's head. README gets table and places, and docs/images/chat-stream.png,
// for light pages and for dark ones; another page gets all that is printed of the run.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { summarySchema } from '../orchestrator/build/record/summary.js';
import { chartFiles } from '../orchestrator/build/report/charts/files.js';
import { renderTable } from '../orchestrator/build/report/terminal-table.js';

const TOP = fileURLToPath(new URL('..', import.meta.url));
/** Width of the samples: that of a page. */
const COLUMNS = 100;
const SAMPLE = /```\n +rps  ok %[^]*?```/;

const [page, directory] = process.argv.slice(2);
if (page === undefined || directory === undefined) fail('give a page and a run directory: README.md results');
const isReadme = page === 'README.md';
const text = readFileSync(join(TOP, page), 'utf8');
if (!SAMPLE.test(text)) fail(`${page} has no block that begins with the head of a table`);
const kept = directory.endsWith('.json') ? JSON.parse(readFileSync(directory, 'utf8')).summary : null;
if (kept !== null && !isReadme) fail(`${page} shows all that is printed of a run: give its directory`);
const summary = summarySchema.parse(kept ?? JSON.parse(shown('chart', directory, '--json')));
const printed = isReadme
  ? renderTable(summary, { columns: COLUMNS, colour: false })
  : shown('chart', directory, '--full');
const table = printed.slice(printed.search(/^ +rps  ok %/m));
const told = isReadme ? table.slice(0, table.search(/\nLatency in ms from /)) : table;
writeFileSync(
  join(TOP, page),
  text.replace(SAMPLE, () => `\`\`\`\n${told.trimEnd()}\n\`\`\``),
);
if (isReadme)
  for (const { name, content } of chartFiles(summary, { png: true, looks: ['light', 'dark'] }))
    if (/^charts\/chat-stream(-dark)?\.png$/.test(name))
      writeFileSync(join(TOP, 'docs/images', name.replace('charts/', '')), content);
console.log(
  `${page}: the sample is ${directory}${isReadme ? ', docs/images/chat-stream.png and its dark twin too' : ''}`,
);

function shown(...words) {
  const program = join(TOP, 'orchestrator/dist/run.js');
  const env = { ...process.env, COLUMNS: String(COLUMNS), NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    encoding: 'utf8',
    env,
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) fail(stderr.trim());
  return stdout;
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
