import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import type { Configuration } from '#src/record/configuration.js';
import type { StoredRun } from '#src/record/run-directory.js';
import { renderHtml } from '#src/report/html.js';
import { syntheticRun } from '../analyse/synthetic-run.js';
import { opened, overflow, seriousIn, SKIP, writtenPage } from './browser.js';

const RULER = 'Differences below 41 µs at p50 cannot be told.';

/** The page of a run as a file. */
function written({ manifest, trials }: StoredRun): string {
  return writtenPage(renderHtml(analyse(manifest, trials), RULER, { manifest, trials }));
}

const NO_CONFIGURATION: Configuration = {
  image: null,
  entrypoint: null,
  command: null,
  environment: {},
  files: [],
  user: null,
  cpuset: null,
  port: 0,
  health: null,
  basePath: '',
  modelPrefix: '',
  headers: {},
  accept: [],
};

const RUN = syntheticRun({ ledger: true, most: 100, blocks: 3 });

let address = '';
/** Of the run as it is, written once. */
function pageOfRun(): string {
  address ||= written(RUN);
  return address;
}

test('the page shows itself offline, in both colour schemes and on a narrow screen', { skip: SKIP }, async () => {
  const backgrounds = new Set<string>();
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, complaints } = await opened(pageOfRun(), { colorScheme });
    backgrounds.add(await page.evaluate('getComputedStyle(document.body).backgroundColor'));
    await page.locator('figure.chart').first().scrollIntoViewIfNeeded();
    await page.locator('figure.chart svg').first().waitFor();
    assert.ok((await page.locator('table tr').count()) > 3, 'figures stand in tables');
    for (const target of RUN.manifest.targets) assert.ok((await page.getByText(target.name).count()) > 0, target.name);
    await page.setViewportSize({ width: 390, height: 800 });
    assert.equal(await overflow(page), 0, 'wide tables scroll by themselves, not the page');
    assert.deepEqual(complaints, []);
    await page.context().close();
  }
  assert.equal(backgrounds.size, 2, 'light and dark differ');
});

test('what is chosen shows, stands in the address and comes back with it', { skip: SKIP }, async () => {
  const hostile = `</script><b>|"'&`;
  const rename = (name: string): string => (name === 'portkey' ? hostile : name);
  const targets = RUN.manifest.targets.map((target) => ({ ...target, name: rename(target.name) }));
  const trials = RUN.trials.map((trial) => ({ ...trial, target: rename(trial.target) }));
  const { page, complaints } = await opened(written({ manifest: { ...RUN.manifest, targets }, trials }));
  const answer = page.locator('#answer');
  const groups = answer.locator('th.group');
  const all = await groups.count();
  assert.ok(all > 1);
  assert.equal((await answer.locator('th[scope=row]', { hasText: hostile }).count()) > 0, true);

  const scenario = RUN.manifest.scenarios[0]?.name ?? '';
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
  await answer.getByLabel('compared with').selectOption(hostile);
  const heads = await answer.locator('thead').textContent();
  assert.ok(heads?.includes(`p50 latency, times ${hostile}’s`));
  assert.ok((await answer.getByText('no pair judged at p90').count()) > 0);

  const chosen = await answer.locator('table').textContent();
  const { page: again } = await opened(page.url());
  assert.equal(await again.locator('#answer table').textContent(), chosen);

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    answer.getByRole('button', { name: 'CSV' }).click(),
  ]);
  const lines = readFileSync(await download.path(), 'utf8')
    .trimEnd()
    .split('\r\n');
  assert.match(lines[0] ?? '', /"scenario","level","target"/);
  const [names = [], ...rows] = lines.map((line) => line.split(','));
  const column = (name: string): number => names.indexOf(`"${name}"`);
  const crabllm = rows.find((cells) => cells[column('target')] === '"crabllm"') ?? [];
  const [value, low, high] = ['', '_low', '_high'].map((of) => Number(crabllm[column(`added_p50${of}_us`)]));
  assert.ok((low ?? 0) < (value ?? 0) && (value ?? 0) < (high ?? 0), 'a figure is taken away with its interval');
  assert.ok(Number(crabllm[column('requests')]) > 0 && Number(crabllm[column('blocks')]) === 3, 'and what it rests on');
  assert.ok(lines.some((line) => line.includes(`"${hostile.replaceAll('"', '""')}"`)));
  assert.deepEqual(complaints, []);
});

test('a chart is zoomed, read as a table and taken away, and follows what is chosen', { skip: SKIP }, async () => {
  const { page, complaints } = await opened(pageOfRun());
  const chart = page.locator('figure.chart', { hasText: 'Latency over quantiles' }).first();
  await chart.scrollIntoViewIfNeeded();
  await chart.locator('svg').waitFor();
  const all = await chart.locator('svg').textContent();
  await chart.getByRole('button', { name: 'closer' }).click();
  const closer = await chart.locator('svg').textContent();
  assert.notEqual(closer, all);
  assert.match(page.url(), /#zoom%3Achat-minimal-100-rps-tail=25-75$/, 'what is shown can be sent');
  await page.locator('#answer .tools').getByRole('checkbox', { name: 'p90' }).check();
  assert.match(page.url(), /zoom%3Achat-minimal-100-rps-tail=25-75/, 'and another choice leaves it');
  await page.reload();
  await chart.scrollIntoViewIfNeeded();
  await chart.locator('svg').waitFor();
  assert.equal(await chart.locator('svg').textContent(), closer);
  await chart.getByRole('button', { name: 'all' }).click();
  assert.equal(await chart.locator('svg').textContent(), all);

  await chart.getByText('figures', { exact: true }).click();
  assert.match((await chart.locator('thead').textContent()) ?? '', /quantile.*direct ms.*crabllm ms/);
  const [svg] = await Promise.all([page.waitForEvent('download'), chart.getByRole('button', { name: 'SVG' }).click()]);
  assert.equal(svg.suggestedFilename(), 'chat-minimal-100-rps-tail.svg');
  assert.match(readFileSync(await svg.path(), 'utf8'), /^<svg [^]*Latency over quantiles[^]*<\/svg>$/);
  const [png] = await Promise.all([page.waitForEvent('download'), chart.getByRole('button', { name: 'PNG' }).click()]);
  assert.deepEqual([...readFileSync(await png.path()).subarray(1, 4)], [...Buffer.from('PNG')]);

  await page.locator('#answer .tools').getByRole('checkbox', { name: 'crabllm' }).uncheck();
  assert.doesNotMatch((await chart.locator('thead').textContent()) ?? '', /crabllm/);
  await chart.locator('svg').waitFor();
  assert.doesNotMatch((await chart.locator('svg').textContent()) ?? '', /crabllm/);
  assert.deepEqual(complaints, []);
});

test('a drawer opens and closes by the keyboard alone, and its address opens it again', { skip: SKIP }, async () => {
  const resolvedConfiguration = { ...NO_CONFIGURATION, command: ['serve', 'it'], port: 80 };
  const targets = RUN.manifest.targets.map((target) =>
    target.name === 'crabllm' ? { ...target, resolvedConfiguration } : target,
  );
  const { page, complaints } = await opened(written({ ...RUN, manifest: { ...RUN.manifest, targets } }));
  const focused = 'document.activeElement?.textContent';
  for (let i = 0; i < 60 && (await page.evaluate(focused)) !== 'crabllm'; i += 1) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('dialog', { name: 'About crabllm' });
  await drawer.waitFor();
  assert.match((await drawer.locator('pre').textContent()) ?? '', /crabllm:[^]*command:\s+- serve\s+- it/);
  await page.waitForURL(/#about=crabllm$/);
  const { page: again } = await opened(page.url());
  await again.getByRole('dialog', { name: 'About crabllm' }).waitFor();
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'hidden' });
  await page.waitForURL((url) => !url.hash.includes('about='));
  assert.deepEqual(complaints, []);
});

test('axe finds nothing serious, on the page in either scheme and in a drawer', { skip: SKIP }, async () => {
  for (const [colorScheme, fragment] of [
    ['light', ''],
    ['dark', ''],
    ['light', '#about=crabllm'],
  ] as const) {
    const { page } = await opened(pageOfRun() + fragment, { colorScheme });
    if (fragment === '')
      for (const summary of await page.locator('figure.chart').first().locator('summary').all()) await summary.click();
    assert.deepEqual(await seriousIn(page), [], `${colorScheme} ${fragment}`);
    await page.context().close();
  }
});

test('on paper every chart that is open is drawn, in light, and nothing is wider than the paper', {
  skip: SKIP,
}, async () => {
  const { page, complaints } = await opened(pageOfRun(), {
    colorScheme: 'dark',
    viewport: { width: 718, height: 1000 },
  });
  await page.emulateMedia({ media: 'print' });
  await page.evaluate("dispatchEvent(new Event('beforeprint'))");
  const open = page.locator('figure.chart:visible .drawn');
  await page.waitForFunction(
    "[...document.querySelectorAll('.drawn')].filter((one) => one.clientWidth > 0).every((one) => one.querySelector('svg'))",
  );
  assert.ok((await open.count()) > 5);
  assert.equal(await page.locator('#answer .tools').isVisible(), false);
  assert.equal(await page.evaluate('getComputedStyle(document.body).backgroundColor'), 'rgb(255, 255, 255)');
  assert.equal(await overflow(page), 0);
  assert.deepEqual(complaints, []);
});
