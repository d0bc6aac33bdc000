import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { analyse } from '#src/analyse/analyse.js';
import { renderHtml } from '#src/report/html.js';
import { syntheticRun } from '../analyse/synthetic-run.js';

const RULER = 'This ruler tells differences above 41 µs at p50.';

const BROWSER = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
const SKIP = BROWSER === undefined ? 'no Chromium on this machine' : false;

test('the page shows itself offline, in both colour schemes and on a narrow screen', { skip: SKIP }, async () => {
  const { manifest, trials } = syntheticRun();
  const path = join(mkdtempSync(join(tmpdir(), 'page-')), 'report.html');
  writeFileSync(path, renderHtml(analyse(manifest, trials), RULER));
  const browser = await chromium.launch({
    executablePath: BROWSER ?? '',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
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
      assert.ok((await page.locator('svg').count()) > 0, 'charts are drawn');
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
