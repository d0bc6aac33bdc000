#!/usr/bin/env node
// Makes docs/results.md and its pictures of the summaries in docs/results/ alone: no raw records are needed, nothing is measured.
//
//   node scripts/results-page.mjs                       make the page again
//   node scripts/results-page.mjs NAME=RUN_DIRECTORY …  take these runs' summaries first, e.g. docker=results/docker process=results/process
//
// A summary is kept as docs/results/NAME.json with what the instrument could tell apart when it ran (`ruler`).
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rulerLine } from '../orchestrator/dist/certificate/with-run.js';
import { summarySchema } from '../orchestrator/dist/record/summary.js';
import { chartFiles } from '../orchestrator/dist/report/charts/files.js';
import { renderResultsPage } from '../orchestrator/dist/report/results-page.js';

const docs = fileURLToPath(new URL('../docs/', import.meta.url));
const kept = join(docs, 'results');

for (const word of process.argv.slice(2)) take(word);
const names = existsSync(kept)
  ? readdirSync(kept)
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.replace(/\.json$/, ''))
      .sort()
  : [];
if (names.length === 0) fail('docs/results/ holds no summary; give one: node scripts/results-page.mjs docker=results');
const runs = names.map((name) => ({ name, ...JSON.parse(readFileSync(join(kept, `${name}.json`), 'utf8')) }));
mkdirSync(join(docs, 'images'), { recursive: true });
for (const { name, summary } of runs) {
  for (const picture of chartFiles(summarySchema.parse(summary), { png: true, looks: ['light'] })) {
    if (!picture.name.endsWith('.png')) continue;
    writeFileSync(join(docs, 'images', `${name}-${picture.name.replace('charts/', '')}`), picture.content);
  }
}
writeFileSync(join(docs, 'results.md'), renderResultsPage(runs));
console.log(`docs/results.md: ${runs.map(({ name }) => name).join(', ')}`);

function take(word) {
  const [, name, directory] = /^([a-z][a-z0-9-]*)=(.+)$/.exec(word) ?? [];
  if (name === undefined) fail(`"${word}" is not NAME=RUN_DIRECTORY`);
  const summary = summarySchema.parse(JSON.parse(summaryOf(directory)));
  // Where its files went is of the machine alone.
  delete summary.run.options.output;
  mkdirSync(kept, { recursive: true });
  writeFileSync(join(kept, `${name}.json`), `${JSON.stringify({ ruler: rulerLine(directory, summary), summary })}\n`);
}

/** Computed anew of the run's records, because one that lies there may be of another version. */
function summaryOf(directory) {
  const program = fileURLToPath(new URL('../orchestrator/dist/run.js', import.meta.url));
  const words = [program, 'chart', directory, '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', maxBuffer: 2 ** 30 });
  if (status !== 0) fail(stderr.trim());
  return stdout;
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
