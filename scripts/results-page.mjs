#!/usr/bin/env node
// Makes docs/results.md and its pictures of the summaries in docs/results/ alone: no raw records are needed, nothing is measured.
//
//   node scripts/results-page.mjs                       make the page again
//   node scripts/results-page.mjs NAME=RUN_DIRECTORY …  take these runs' summaries first, e.g. docker=results/docker process=results/process
//
// A summary is kept as docs/results/NAME.json with what the instrument could tell apart when it ran (`ruler`), and of a search with its answers.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { analyse } from '../orchestrator/build/analyse/analyse.js';
import { analyseCapacity } from '../orchestrator/build/analyse/capacity.js';
import { rulerLine } from '../orchestrator/build/certificate/with-run.js';
import { capacitySchema } from '../orchestrator/build/record/capacity.js';
import { objectivesOf } from '../orchestrator/build/record/objective-text.js';
import { readRest } from '../orchestrator/build/record/rest.js';
import { readRun } from '../orchestrator/build/record/run-directory.js';
import { summarySchema } from '../orchestrator/build/record/summary.js';
import { featurePictures } from '../orchestrator/build/report/charts/feature-files.js';
import { chartFiles } from '../orchestrator/build/report/charts/files.js';
import { surfacePictures } from '../orchestrator/build/report/charts/surface-files.js';
import { pictureName, renderResultsPage } from '../orchestrator/build/report/results-page.js';

const docs = fileURLToPath(new URL('../docs/', import.meta.url));
const keptIn = join(docs, 'results');

for (const word of process.argv.slice(2)) take(word);
const names = existsSync(keptIn)
  ? readdirSync(keptIn)
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.replace(/\.json$/, ''))
      .sort()
  : [];
if (names.length === 0) fail('docs/results/ holds no summary; give one: node scripts/results-page.mjs docker=results');
/** What a reader looks for first comes first. */
const KINDS = ['overhead', 'features', 'capacity'];
const runs = names
  .map((name) => {
    const { ruler, summary, capacity } = JSON.parse(readFileSync(join(keptIn, `${name}.json`), 'utf8'));
    return {
      name,
      ruler,
      summary: summarySchema.parse(summary),
      capacity: capacity === undefined ? undefined : capacitySchema.parse(capacity),
    };
  })
  .sort((a, b) => KINDS.indexOf(kindOf(a)) - KINDS.indexOf(kindOf(b)));
mkdirSync(join(docs, 'images'), { recursive: true });
for (const run of runs) {
  for (const picture of picturesOf(run, { png: true, looks: ['light'] })) {
    if (!picture.name.endsWith('.png')) continue;
    writeFileSync(join(docs, 'images', pictureName(run.name, basename(picture.name, '.png'))), picture.content);
  }
}
writeFileSync(join(docs, 'results.md'), renderResultsPage(runs));
console.log(`docs/results.md: ${runs.map(({ name }) => name).join(', ')}`);

function kindOf({ summary, capacity }) {
  if (capacity !== undefined) return 'capacity';
  return summary.features === undefined ? 'overhead' : 'features';
}

/** Those that the page shows: of a search its surface, of a run with variants what those cost. */
function picturesOf(run, pictures) {
  const { summary, capacity } = run;
  const kind = kindOf(run);
  if (kind === 'capacity') return surfacePictures(capacity, pictures);
  return kind === 'features' ? featurePictures(summary, pictures) : chartFiles(summary, pictures);
}

/** Computed anew of the run's records, because what lies there may be of another version. */
function take(word) {
  const [, name, directory] = /^([a-z][a-z0-9-]*)=(.+)$/.exec(word) ?? [];
  if (name === undefined) fail(`"${word}" is not NAME=RUN_DIRECTORY`);
  const run = readRun(directory);
  const summary = analyse(run.manifest, run.trials);
  // Where its files went is of the machine alone.
  delete summary.run.options.output;
  const ruler = rulerLine(directory, summary);
  const objectives = objectivesOf(run);
  const kept =
    objectives === null
      ? { ruler, summary }
      : {
          ruler,
          summary: { ...summary, cells: [], ranking: [], noiseFloor: [] },
          capacity: analyseCapacity(run.manifest, run.trials, readRest(directory), objectives),
        };
  mkdirSync(keptIn, { recursive: true });
  writeFileSync(join(keptIn, `${name}.json`), `${JSON.stringify(kept)}\n`);
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
