import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { storyOf } from '#src/analyse/conduct/story.js';
import { renderConductHtml } from '#src/report/conduct-html.js';
import { conductPageModel } from '#src/report/conduct-page-model.js';
import { exactly, madePlayed, madeRun } from '../analyse/conduct/made-run.js';
import { failed, request } from '../analyse/conduct/synthetic.js';

const RUN = madeRun(
  'x',
  [1, 2].flatMap((block) => [
    madePlayed('slow', block, 'outage-503', { amplification: exactly(4), servedShare: exactly(0.5) }),
    madePlayed('fast', block, 'outage-503', { amplification: exactly(1), servedShare: exactly(0.9) }),
    madePlayed('silent', block, 'outage-503', {
      amplification: { state: 'cannot-tell', reason: 'nobody saw it' },
      servedShare: { state: 'beyond-phase', reason: 'it went on', value: 0.7 },
    }),
  ]),
);
const STORY = storyOf({
  request: request('r1', 3e6, { outcome: 'status', status: 503 }),
  attempts: [failed('r1', 3_000_200)],
  phase: 'fault',
});
const behind = () => ({ count: 7, story: STORY });

test('a figure has its evidence: what it is made of, its bound, each block, and one request', () => {
  const model = conductPageModel(RUN, behind);
  const cell = model.cases[0]?.rows[0]?.cells['amplification'];
  assert.deepEqual(
    [cell?.text, cell?.value, cell?.verdict, cell?.evidence.lines],
    [
      '4.00',
      4,
      'against',
      [
        'amplification: attempts at providers of a request, mean.',
        'Made of 400, over 2 blocks.',
        'Speaks against a gateway above 3.00, with its whole interval: three attempts is what clients of providers do by default; a budget of 10 % (1.1) is what Google SRE advises.',
        'By block: 1: 4.00 · 2: 4.00.',
        '7 requests behind it; one of them:',
      ],
    ],
  );
  assert.equal(cell?.evidence.command, 'crabllm-bench export DIRECTORY --behind slow/outage-503/amplification');
  assert.deepEqual(
    cell?.evidence.story?.lanes.map(({ who, from, to }) => [who, from, to]),
    [
      ['client', 0, 1],
      ['a', 0.2, 0.7],
    ],
  );
});

const BROWSER = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);

test('the scorecard sorts, and a figure opens', {
  skip: BROWSER === undefined && 'no Chromium on this machine',
}, async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'conduct-page-')), 'report.html');
  writeFileSync(path, renderConductHtml(RUN, { behind, series: () => null }));
  const browser = await chromium.launch({ executablePath: BROWSER ?? '', args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(pathToFileURL(path).href);
    const names = (): Promise<string[]> => page.locator('#answer tbody th').allInnerTexts();
    assert.deepEqual(await names(), ['slow', 'fast', 'silent']);
    await page.getByRole('button', { name: 'attempts a request' }).click();
    assert.deepEqual(await names(), ['fast', 'slow', 'silent'], 'what cannot be told comes last');
    await page.getByRole('button', { name: 'attempts a request' }).click();
    assert.deepEqual(await names(), ['slow', 'fast', 'silent'], 'also when the largest come first');
    await page.getByRole('button', { name: '4.00' }).click();
    assert.equal(await page.locator('tr.evidence').count(), 1);
    assert.match(await page.locator('tr.evidence').innerText(), /Speaks against a gateway above 3\.00/);
    assert.equal(await page.locator('tr.evidence .lane').count(), 2);
    assert.deepEqual(complaints, []);
  } finally {
    await browser.close();
  }
});
