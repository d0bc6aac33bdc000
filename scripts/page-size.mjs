#!/usr/bin/env node
// How large report.html gets, and how soon it can be used: a page of synthetic targets over cells like those of the default plan (twelve
// cells a target, six blocks of five seconds, with ledgers and samples of CPU and memory), opened in Chromium where there is one.
//
//   npm run --silent build && node scripts/page-size.mjs
//   node scripts/page-size.mjs --targets 20 --keep page.html
//
// "usable" is the page's own time from the beginning of the navigation until its first screen stands (DOMContentLoaded: it is drawn by a
// script within the page), the median of several openings.
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { analyse } from '../orchestrator/dist/analyse/analyse.js';
import { renderHtml } from '../orchestrator/dist/report/html.js';
import { syntheticRun } from '../orchestrator/dist-test/analyse/synthetic-run.js';
import { scriptOptions } from './support/script-options.mjs';

// A dependency of the orchestrator's tests.
const { chromium } = createRequire(new URL('../orchestrator/package.json', import.meta.url))('playwright-core');

const OPENINGS = 5;
const SAMPLE_MS = 250;
const WATCHED_MS = 8000;
const BLOCKS = 6;

const { targets: count, keep } = scriptOptions({ targets: 10, keep: undefined });

const run = largeRun(syntheticRun({ blocks: BLOCKS, ledger: true }));
const summary = analyse(run.manifest, run.trials);
const html = renderHtml(summary, 'A made-up run: no ruler.', run);
const path = resolve(keep ?? join(mkdtempSync(join(tmpdir(), 'page-size-')), 'report.html'));
writeFileSync(path, html);

const bytes = Buffer.byteLength(html);
console.log(`${run.manifest.targets.length} targets, ${summary.cells.length} cells, ${BLOCKS} blocks`);
console.log(`page   ${bytes} bytes (${(bytes / 1e6).toFixed(2)} MB), ${gzipSync(html).length} bytes gzipped`);
const times = await openings(pathToFileURL(path).href);
if (times.length === 0) console.log('usable not measured: no Chromium on this machine');
else
  console.log(
    `usable ${median(times).toFixed(0)} ms after the navigation began (${OPENINGS} openings: ${times.map((ms) => ms.toFixed(0)).join(', ')})`,
  );

/** The run's cells twice, under other names of scenarios, and of its gateways as many copies as are asked for. */
function largeRun({ manifest, trials }) {
  const again = (name) => `${name}-again`;
  const scenarios = [...manifest.scenarios, ...manifest.scenarios.map((one) => ({ ...one, name: again(one.name) }))];
  const gateways = manifest.targets.filter(({ kind, absent }) => kind === 'gateway' && absent === null);
  const direct = manifest.targets.find(({ kind }) => kind === 'direct');
  const copies = Array.from({ length: count - 1 }, (_, i) => ({
    ...gateways[i % gateways.length],
    of: gateways[i % gateways.length].name,
    name: `gateway-${i + 1}`,
  }));
  const all = [{ ...direct, of: direct.name }, ...copies].flatMap(({ of, name }) =>
    trials
      .filter(({ target }) => target === of)
      .flatMap((trial) =>
        [trial, { ...trial, scenario: again(trial.scenario) }].map((one) => sampled({ ...one, target: name })),
      ),
  );
  return {
    manifest: { ...manifest, scenarios, targets: [direct, ...copies.map(({ of: _of, ...target }) => target)] },
    trials: all,
  };
}

/** A trial with samples, about its own figures. */
function sampled(trial) {
  const { memoryPeakBytes, cpuUs, cpuWindowMs } = trial.resources;
  const series = Array.from({ length: WATCHED_MS / SAMPLE_MS }, (_, i) => [
    i * SAMPLE_MS,
    Math.round(memoryPeakBytes * (0.8 + 0.2 * Math.sin(i + trial.block) ** 2)),
    Math.round((i * SAMPLE_MS * cpuUs) / cpuWindowMs),
  ]);
  return { ...trial, resources: { ...trial.resources, series } };
}

async function openings(address) {
  const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((one) =>
    existsSync(one),
  );
  if (executablePath === undefined) return [];
  const browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  try {
    const seen = [];
    for (let i = 0; i < OPENINGS; i += 1) {
      const context = await browser.newContext({ offline: true, viewport: { width: 1280, height: 900 } });
      const page = await context.newPage();
      await page.goto(address);
      await page.locator('#answer table').waitFor();
      seen.push(await page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"));
      await context.close();
    }
    return seen;
  } finally {
    await browser.close();
  }
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
