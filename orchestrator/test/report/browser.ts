import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

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

/** Why nothing can be looked at; false where it can. */
export const SKIP = BROWSER === undefined ? 'no Chromium on this machine' : false;

let browser: Browser;
before(async () => {
  if (SKIP === false) browser = await launch();
});
after(async () => {
  if (SKIP === false) await browser.close();
});

/** A page as a file of its own. @returns its address */
export function writtenPage(html: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'page-')), 'report.html');
  writeFileSync(path, html);
  return pathToFileURL(path).href;
}

/** A page of the browser, and everything that it complained of or asked anybody but its own file for. */
export async function opened(
  address: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ offline: true, viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!/^(file|blob):/.test(request.url())) complaints.push(`asked for ${request.url()}`);
  });
  await page.goto(address);
  return { page, complaints };
}

/** Pixels by which a page is wider than its window. */
export async function overflow(page: Page): Promise<unknown> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

/**
 * What axe calls serious or critical, each with the first element. What is drawn is an image to it, with its figures in a table; its thousands of
 * shapes would only be looked at one by one.
 */
export async function seriousIn(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<{ violations: Violation[] }>(
    "axe.run({ exclude: ['.drawn svg'] }, { resultTypes: ['violations'] })",
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
}
