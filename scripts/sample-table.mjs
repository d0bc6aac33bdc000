#!/usr/bin/env node
// Puts what the program prints of a run into a page, in the place of the sample that stands there; and the picture of its streamed chat.
//
//   make bench ARGS="--group overhead --duration 6 --blocks 3 --rps '100 500' --output results/sample"
//   node scripts/sample-table.mjs README.md results/sample
//   node scripts/sample-table.mjs docs/reading-a-run.md results/sceptic
//
// The sample is the block of the page that begins with the table's head. README gets table and places, and docs/images/chat-stream.png;
// another page gets all that is printed of the run.
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TOP = fileURLToPath(new URL('..', import.meta.url));
/** Width of the samples: that of a page. */
const COLUMNS = '100';
const SAMPLE = /```\n +rps  ok %[^]*?```/;

const [page, directory] = process.argv.slice(2);
if (page === undefined || directory === undefined) fail('give a page and a run directory: README.md results');
const isReadme = page === 'README.md';
const text = readFileSync(join(TOP, page), 'utf8');
if (!SAMPLE.test(text)) fail(`${page} has no block that begins with the head of a table`);
const printed = shown('chart', directory, ...(isReadme ? ['--png'] : []));
const table = printed.slice(printed.search(/^ +rps  ok %/m));
const kept = isReadme ? table.slice(0, table.search(/\nLatency in ms from /)) : table;
writeFileSync(
  join(TOP, page),
  text.replace(SAMPLE, () => `\`\`\`\n${kept.trimEnd()}\n\`\`\``),
);
if (isReadme) copyFileSync(join(directory, 'charts/chat-stream.png'), join(TOP, 'docs/images/chat-stream.png'));
console.log(`${page}: the sample is ${directory}${isReadme ? ', docs/images/chat-stream.png too' : ''}`);

function shown(...words) {
  const program = join(TOP, 'orchestrator/dist/run.js');
  const env = { ...process.env, COLUMNS, NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], { encoding: 'utf8', env });
  if (status !== 0) fail(stderr.trim());
  return stdout;
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
