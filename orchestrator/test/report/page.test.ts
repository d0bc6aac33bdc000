import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { analyse } from '#src/analyse/analyse.js';
import { renderHtml } from '#src/report/html.js';
import { syntheticRun } from '../analyse/synthetic-run.js';

const RULER = 'This ruler tells differences above 41 µs at p50.';

const BROWSER = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
/** Chromium that asks nobody for anything by itself. */
function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: BROWSER ?? '',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

const SKIP = BROWSER === undefined ? 'no Chromium on this machine' : false;

test('the page shows itself offline, in both colour schemes and on a narrow screen', { skip: SKIP }, async () => {
  const { manifest, trials } = syntheticRun();
  const path = join(mkdtempSync(join(tmpdir(), 'page-')), 'report.html');
  writeFileSync(path, renderHtml(analyse(manifest, trials), RULER, { manifest, trials }));
  const browser = await launch();
  try {
    const backgrounds = new Set<string>();
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ colorScheme, offline: true, viewport: { width: 1280, height: 900 } });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => {
        if (!request.url().startsWith('file:')) complaints.push(`asked for ${request.url()}`);
      });
      await page.goto(pathToFileURL(path).href);
      assert.deepEqual(complaints, []);
      backgrounds.add(await page.evaluate('getComputedStyle(document.body).backgroundColor'));
      await page.locator('figure.chart').first().scrollIntoViewIfNeeded();
      await page.locator('figure.chart svg').first().waitFor();
      assert.ok((await page.locator('table tr').count()) > 3, 'figures stand in tables');
      for (const target of manifest.targets) assert.ok((await page.getByText(target.name).count()) > 0, target.name);

      await page.setViewportSize({ width: 420, height: 800 });
      const overflow: unknown = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      assert.equal(overflow, 0, 'wide tables and charts scroll by themselves, not the page');
      await context.close();
    }
    assert.equal(backgrounds.size, 2, 'light and dark differ');
  } finally {
    await browser.close();
  }
});

test('what is chosen shows, stands in the address and comes back with it', { skip: SKIP }, async () => {
  const run = syntheticRun();
  const hostile = `</script><b>|"'&`;
  const rename = (name: string): string => (name === 'portkey' ? hostile : name);
  const targets = run.manifest.targets.map((target) => ({ ...target, name: rename(target.name) }));
  const trials = run.trials.map((trial) => ({ ...trial, target: rename(trial.target) }));
  const path = join(mkdtempSync(join(tmpdir(), 'page-')), 'report.html');
  const manifest = { ...run.manifest, targets };
  writeFileSync(path, renderHtml(analyse(manifest, trials), RULER, { manifest, trials }));
  const browser = await launch();
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!/^(file|blob):/.test(request.url())) complaints.push(`asked for ${request.url()}`);
    });
    await page.goto(pathToFileURL(path).href);
    const answer = page.locator('#answer');
    const groups = answer.locator('th.group');
    const all = await groups.count();
    assert.ok(all > 1);
    assert.equal((await answer.locator('th[scope=row]', { hasText: hostile }).count()) > 0, true);

    const scenario = run.manifest.scenarios[0]?.name ?? '';
    await answer.getByLabel(scenario, { exact: true }).uncheck();
    assert.ok((await groups.count()) < all);
    assert.equal(await groups.filter({ hasText: `${scenario} ·` }).count(), 0);

    await answer.getByRole('button', { name: 'MiB' }).click();
    assert.equal(await answer.locator('th[aria-sort=ascending]').count(), 1);
    const figures = await answer.locator('tbody').first().locator('td[data-head=MiB]').allTextContents();
    const sizes = figures.map(Number.parseFloat).filter((size) => !Number.isNaN(size));
    assert.deepEqual(
      sizes,
      sizes.toSorted((a, b) => a - b),
    );

    await answer.getByLabel('p90').check();
    await answer.getByLabel('held against').selectOption(hostile);
    const heads = await answer.locator('thead').textContent();
    assert.ok(heads?.includes(`p50 latency, times ${hostile}’s`));
    assert.ok((await answer.getByText('no pair judged at p90').count()) > 0);

    const chosen = await answer.locator('table').textContent();
    const again = await context.newPage();
    await again.goto(page.url());
    assert.equal(await again.locator('#answer table').textContent(), chosen);

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      answer.getByRole('button', { name: 'CSV' }).click(),
    ]);
    const lines = readFileSync(await download.path(), 'utf8')
      .trimEnd()
      .split('\r\n');
    assert.match(lines[0] ?? '', /"scenario","level","target"/);
    assert.ok(lines.some((line) => line.includes(`"${hostile.replaceAll('"', '""')}"`)));
    assert.deepEqual(complaints, []);
  } finally {
    await browser.close();
  }
});
