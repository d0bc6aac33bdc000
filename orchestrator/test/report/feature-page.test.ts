import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import type { FeatureCost, Summary } from '#src/record/summary.js';
import { featurePageModel } from '#src/report/feature-page-model.js';
import { renderHtml } from '#src/report/html.js';
import { syntheticRun } from '../analyse/synthetic-run.js';
import { opened, overflow, seriousIn, SKIP, writtenPage } from './browser.js';

const AT = { scenario: 'chat-minimal', level: { kind: 'rps' as const, value: 100 } };
const judged = (value: number, verdict: 'above' | 'below' | 'within-noise') => ({
  value,
  low: value - 20,
  high: value + 20,
  ratio: { value: 1, low: 0.9, high: 1.1 },
  verdict,
});

function cost(gateway: string, feature: string, addedUs: number, more: Partial<FeatureCost> = {}): FeatureCost {
  return {
    gateway,
    feature,
    target: `${gateway}+${feature}`,
    ...AT,
    state: 'ok',
    attested: { by: 'a wrong key is refused with status 401', evidence: { status: 401 } },
    blocks: 6,
    addedUs: { p50: judged(addedUs, addedUs > 50 ? 'above' : 'within-noise') },
    cpuUsPerRequest: judged(30, 'above'),
    memoryBytes: null,
    ...more,
  };
}

const without = (state: 'not-offered' | 'absent', code: string, message: string): Partial<FeatureCost> => ({
  state,
  reason: { code, message },
  blocks: 0,
  attested: undefined,
  addedUs: undefined,
});

const FEATURES = [
  cost('crabllm', 'auth', 310),
  cost('portkey', 'auth', 20),
  cost('crabllm', 'otel', 0, without('not-offered', 'not-offered', 'it sends no spans')),
  cost('portkey', 'log', 0, without('absent', 'feature-unproved', 'no line came')),
];

const run = syntheticRun({ most: 100 });
const summary: Summary = { ...analyse(run.manifest, run.trials), features: FEATURES };

test('a feature has its figures with verdicts in words, its proof, or why there are none', () => {
  const rows = featurePageModel(FEATURES)?.levels[0]?.rows ?? [];
  assert.deepEqual(
    rows.map(({ figures, absent }) => (absent === '' ? figures.map((one) => one?.words ?? null) : absent)),
    [
      ['▲ more', null, '▲ more', null],
      ['≈ cannot be told', null, '▲ more', null],
      'not offered: it sends no spans',
      'not proven: no line came',
    ],
  );
  assert.deepEqual(rows[0]?.evidence.slice(0, 3), [
    'Seen to work before the clock started: a wrong key is refused with status 401.',
    'What was seen: status 401.',
    'crabllm+auth against crabllm as it is, which is measured twice, within each of 6 blocks: what it differs by from itself is no cost.',
  ]);
  assert.match(rows[0]?.evidence.join(' ') ?? '', /p50 ms: \+0\.310 \[0\.290, 0\.330\], more\./);
  assert.match(rows[1]?.evidence.join(' ') ?? '', /cannot be told from what the gateway differs by from itself\./);
  assert.match(rows[0]?.evidence.join(' ') ?? '', /memory MiB: not known/);
  assert.equal(featurePageModel([]), null);
});

test('the matrix sorts, opens the proof by the keyboard, and shows what is absent', { skip: SKIP }, async () => {
  const { page, complaints } = await opened(writtenPage(renderHtml(summary, '', run)));
  const matrix = page.locator('#answer .features');
  const order = (): Promise<string[]> => matrix.locator('tbody tr').locator('th, td:nth-child(2)').allInnerTexts();
  assert.deepEqual(await order(), ['auth', 'crabllm', 'auth', 'portkey', 'otel', 'crabllm', 'log', 'portkey']);
  await matrix.getByRole('button', { name: 'adds p50 ms' }).press('Enter');
  assert.deepEqual((await order()).slice(0, 4), ['auth', 'portkey', 'auth', 'crabllm']);
  assert.equal(await matrix.getByText('not proven: no line came').isVisible(), true);
  await matrix.getByRole('button', { name: '+0.310' }).press('Enter');
  assert.match(await matrix.locator('tr.evidence').innerText(), /Seen to work before the clock started: a wrong key/);
  await matrix.getByRole('button', { name: 'not offered' }).click();
  assert.match(await matrix.locator('tr.evidence').innerText(), /Nothing proved that it works/);
  assert.equal(
    await page.locator('section > h2', { hasText: 'What features cost' }).count(),
    2,
    'also without scripts',
  );
  assert.deepEqual(complaints, []);
});

test('the matrix fits a narrow screen and paper, and axe finds nothing serious in either scheme', {
  skip: SKIP,
}, async () => {
  const address = writtenPage(renderHtml(summary, '', run));
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, complaints } = await opened(address, { colorScheme });
    await page.locator('#answer .features').getByRole('button', { name: '+0.310' }).click();
    assert.deepEqual(await seriousIn(page), [], colorScheme);
    await page.setViewportSize({ width: 390, height: 800 });
    assert.equal(await overflow(page), 0);
    await page.setViewportSize({ width: 718, height: 1000 });
    await page.emulateMedia({ media: 'print' });
    assert.equal(await overflow(page), 0);
    assert.deepEqual(complaints, []);
    await page.context().close();
  }
});
