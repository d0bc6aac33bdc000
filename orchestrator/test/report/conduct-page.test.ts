import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { storyOf } from '#src/analyse/conduct/story.js';
import { renderConductHtml } from '#src/report/conduct-html.js';
import { conductPageModel } from '#src/report/conduct-page-model.js';
import { exactly, madePlayed, madeRun } from '../analyse/conduct/made-run.js';
import { failed, request } from '../analyse/conduct/synthetic.js';
import { opened, overflow, seriousIn, SKIP, writtenPage } from './browser.js';

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
const RULER = 'On this machine 7 of 7 rows of 3 planted policies are recovered (certificate of 2026-01-01).';
const behind = () => ({ count: 7, story: STORY });

test('a figure has its evidence: what it is made of, its bound, each block, and one request', () => {
  const model = conductPageModel(RUN, RULER, behind);
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

const RAW = { behind, series: () => null, faults: () => [] };
const page = (): string => writtenPage(renderConductHtml(RUN, RAW, RULER));

test('the scorecard sorts, and a figure opens, by the keyboard too', { skip: SKIP }, async () => {
  const { page: shown, complaints } = await opened(page());
  const names = (): Promise<string[]> => shown.locator('#answer tbody th').allInnerTexts();
  assert.deepEqual(await names(), ['slow', 'fast', 'silent']);
  await shown.getByRole('button', { name: 'attempts a request' }).click();
  assert.deepEqual(await names(), ['fast', 'slow', 'silent'], 'what cannot be told comes last');
  await shown.getByRole('button', { name: 'attempts a request' }).press('Enter');
  assert.deepEqual(await names(), ['slow', 'fast', 'silent'], 'also when the largest come first');
  await shown.getByRole('button', { name: '4.00' }).press('Enter');
  assert.equal(await shown.locator('tr.evidence').count(), 1);
  assert.match(await shown.locator('tr.evidence').innerText(), /Speaks against a gateway above 3\.00/);
  assert.equal(await shown.locator('tr.evidence .lane').count(), 2);
  assert.equal(await shown.locator('#answer').getByText(RULER).count(), 1);

  const { page: again } = await opened(shown.url());
  assert.equal(await again.locator('tr.evidence').count(), 1, 'the address brings back what was open');
  assert.deepEqual(await again.locator('#answer tbody th').allInnerTexts(), await names(), 'and how it was sorted');
  const [csv] = await Promise.all([again.waitForEvent('download'), again.getByRole('button', { name: 'CSV' }).click()]);
  const lines = readFileSync(await csv.path(), 'utf8').split('\r\n');
  assert.equal(lines[0], '"case","target","row","value","in_words","interval","verdict"');
  assert.ok(lines.includes('"outage-503","slow","amplification",4,"4.00","","against"'), lines.join('\n'));

  await shown.setViewportSize({ width: 390, height: 800 });
  await shown.getByLabel('sorted by').selectOption('amplification');
  assert.deepEqual(await names(), ['fast', 'slow', 'silent'], 'a narrow screen sorts too');
  assert.deepEqual(complaints, []);
});

test('the scorecard fits a narrow screen and paper, and axe finds nothing serious in either scheme', {
  skip: SKIP,
}, async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page: shown, complaints } = await opened(page(), { colorScheme });
    await shown.getByRole('button', { name: '4.00' }).click();
    assert.deepEqual(await seriousIn(shown), [], colorScheme);
    await shown.setViewportSize({ width: 390, height: 800 });
    assert.equal(await overflow(shown), 0);
    await shown.setViewportSize({ width: 718, height: 1000 });
    await shown.emulateMedia({ media: 'print' });
    assert.equal(await overflow(shown), 0);
    assert.equal(await shown.evaluate('getComputedStyle(document.body).backgroundColor'), 'rgb(255, 255, 255)');
    assert.deepEqual(complaints, []);
    await shown.context().close();
  }
});
