#!/usr/bin/env node
// Makes of one run everything that is shown of it: docs/results/NAME.json, docs/results.md and its pictures, README's sample and pictures (light and
// dark), and what report.html looks like. Nothing is measured.
//
//   node scripts/publish-run.mjs process=results/process
//
// Pictures of the page need Chromium. Those of a phone, of a dark screen and of paper go to the run's own charts/, to be looked at.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const { chromium } = createRequire(new URL('../orchestrator/package.json', import.meta.url))('playwright-core');
const TOP = fileURLToPath(new URL('..', import.meta.url));
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const IMAGES = join(TOP, 'docs/images');
/** What README says of the page's pictures while they are of some other run than its sample. */
const OF_ANOTHER_RUN = / \(here of\s\[another run\]\(docs\/reading-a-run\.md\), on `process`\)/;

const [word = ''] = process.argv.slice(2);
const [, name, directory] = /^([a-z][a-z0-9-]*)=(.+)$/.exec(word) ?? [];
if (name === undefined) fail(`"${word}" is not NAME=RUN_DIRECTORY`);

const before = existsSync(join(TOP, `docs/results/${name}.json`));
run('scripts/results-page.mjs', `${name}=${resolve(directory)}`);
run('scripts/sample-table.mjs', 'README.md', join(TOP, `docs/results/${name}.json`));
run('orchestrator/dist/run.js', 'chart', resolve(directory), '--html', '--full');
await photograph(join(resolve(directory), 'report.html'));
const readme = readFileSync(join(TOP, 'README.md'), 'utf8');
writeFileSync(join(TOP, 'README.md'), readme.replace(OF_ANOTHER_RUN, ''));
console.log(
  `${name}: ${before ? 'in the place of the run that was kept' : 'a run more'}; look at git diff, docs/images and ${directory}/charts`,
);

async function photograph(page) {
  const executablePath = BROWSERS.find((path) => existsSync(path));
  if (executablePath === undefined)
    fail(`no Chromium at ${BROWSERS.join(', ')}: the pictures of report.html are as they were`);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  const own = join(resolve(directory), 'charts');
  try {
    for (const colorScheme of ['light', 'dark']) {
      const dark = colorScheme === 'dark' ? '-dark' : '';
      const wide = await opened(browser, page, { width: 1280, height: 1000, colorScheme });
      await wide.screenshot({ path: join(dark === '' ? IMAGES : own, `report${dark}.png`) });
      await wide.setViewportSize({ width: 1280, height: 960 });
      await wide
        .locator('section.charts')
        .first()
        .evaluate((section) => section.scrollIntoView());
      await wide.screenshot({ path: join(dark === '' ? IMAGES : own, `report-charts${dark}.png`) });
      const phone = await opened(browser, page, { width: 390, height: 844, colorScheme });
      await phone.screenshot({ path: join(own, `report-phone${dark}.png`) });
    }
    const paper = await opened(browser, page, { width: 1280, height: 1000, colorScheme: 'light' });
    await paper.pdf({ path: join(own, 'report-print.pdf'), format: 'A4' });
  } finally {
    await browser.close();
  }
}

async function opened(browser, page, { width, height, colorScheme }) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme });
  const tab = await context.newPage();
  await tab.goto(pathToFileURL(page).href);
  await tab.locator('#answer table').first().waitFor();
  return tab;
}

function run(script, ...words) {
  const { status } = spawnSync(process.execPath, [join(TOP, script), ...words], {
    cwd: TOP,
    stdio: ['ignore', script.endsWith('run.js') ? 'ignore' : 'inherit', 'inherit'],
  });
  if (status !== 0) fail(`${script} ended with ${status}`);
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
