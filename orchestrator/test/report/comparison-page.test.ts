import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { compareConduct } from '#src/analyse/compare/conduct-changes.js';
import { comparisonPictures } from '#src/report/charts/comparison-files.js';
import { tableOf, wordsAt } from '#src/report/charts/chart-words.js';
import { answerOf } from '#src/report/comparison-answer.js';
import { changesDrawing, lackingIn, MOST_LANES, shownRows } from '#src/report/comparison-chart.js';
import { renderComparisonHtml } from '#src/report/comparison-html.js';
import { renderComparisonMarkdown } from '#src/report/comparison-markdown.js';
import { comparisonPageModel, type ShownGate } from '#src/report/comparison-page-model.js';
import { renderComparison } from '#src/report/comparison-terminal.js';
import { renderConductComparison } from '#src/report/conduct-comparison.js';
import { exactly, madePlayed, madeRun } from '../analyse/conduct/made-run.js';
import { opened, overflow, seriousIn, SKIP, writtenPage } from './browser.js';
import { madeCell, madeComparison, madeMeasure } from './made-comparison.js';

const HOSTILE = `</script><b>|"'&<img src=x onerror=alert(1)>`;
const LOST = { verdict: 'worse', reason: 'a ok; b saturated at 300/500 rps' } as const;

const COMPARISON = madeComparison(
  [
    madeCell(100, [
      madeMeasure('overhead.p50', 'worse', 0.13, { by: 'per-request' }),
      madeMeasure('overhead.p99', 'cannot-be-told', -0.02, { by: 'per-request' }),
      madeMeasure('cpu', 'better', -0.2),
    ]),
    madeCell(200, [
      madeMeasure('overhead.p50', 'cannot-be-told', 0.01, { by: 'per-request' }),
      madeMeasure('cpu', 'cannot-be-told', 0.01, { noiseFloor: null }),
    ]),
    madeCell(500, [], LOST),
    madeCell(900, [], { verdict: 'not-compared', reason: 'a absent; b ok' }),
  ],
  ['not comparable, compared by --force: driver: "native" in a, "oha" in b'],
);
const GATE: ShownGate = {
  allowed: [{ name: 'overhead.p50', scenario: null, least: { share: 0.05 } }],
  failures: ['overhead.p50>5%: gw@2 chat 100 rps overhead.p50 is worse'],
  unjudged: [],
  reach: [],
};

/** Two conducts, of which b asks its providers more often and serves less. */
function conducts() {
  const run = (id: string, attempts: number, served: number) =>
    madeRun(
      id,
      [1, 2, 3].map((block) =>
        madePlayed('gw', block, 'outage-503', {
          amplification: exactly(attempts),
          servedShare: exactly(served),
          failoverUs: { state: 'cannot-tell', reason: 'nobody saw it' },
        }),
      ),
    );
  const [a, b] = [run('before', 1, 0.9), run('after', 4, 0.5)];
  return compareConduct({ run: a, targets: ['gw'] }, { run: b, targets: ['gw'] });
}

describe('the model of a comparison', () => {
  const model = comparisonPageModel(COMPARISON, GATE);
  const figureOf = (key: string) => model.figures.find((one) => one.key === key) ?? assert.fail(key);

  test('answers in sentences: worse, better, what may hide, what was not compared', () => {
    assert.deepEqual(model.answer, [
      'gw@2, against gw@1, got worse: whether it keeps up (chat at 500 rps: a ok; b saturated at 300/500 rps); what it adds at p50 in 1 of 2 places, by +13 % (1.00 ms → 1.13 ms, chat at 100 rps).',
      'gw@2, against gw@1, got better: CPU of a request in 1 of 2 places, by −20 % (1.00 ms → 0.800 ms, chat at 100 rps).',
      'Of 3 figures no change can be told: the middle one of each kind may have changed by up to 3.0 % (what it adds at p99), up to 2.0 % (what it adds at p50) and up to 2.0 % (CPU of a request).',
      'Of 1 of them the noise floor is unknown, as no block holds direct twice: nothing can be told there.',
      'Not compared of gw@2: whether it keeps up, chat at 900 rps (a absent; b ok).',
    ]);
    assert.deepEqual(answerOf(madeComparison([])), [
      'Nothing was measured on both sides: there is nothing to compare.',
    ]);
    assert.match(
      answerOf(madeComparison([madeCell(1, [madeMeasure('cpu', 'cannot-be-told', 7)])])).join(' '),
      /Nothing is told to have changed of gw@2 against gw@1, in 1 figure\. .*it may have changed by more than 500 % \(CPU of a request\)/,
    );
  });

  test('tells at the top what else differs, and what the gate says', () => {
    assert.deepEqual(model.differences, [
      'One run: a and b were measured in turn in the same blocks, on one machine, by one plan',
      'gw@1 and gw@2: 1 in a, 2 in b',
      'not comparable, compared by --force: driver: "native" in a, "oha" in b',
    ]);
    assert.deepEqual(model.gate, { verdict: 'fails', lines: GATE.failures });
    const runs = madeComparison(COMPARISON.cells, [], { pairing: 'runs' });
    assert.match(comparisonPageModel(runs, null).differences[0] ?? '', /^Two runs, at 2026-01-01 00:00 UTC and at/);
  });

  test('has each kind of figure once, in the order of the quantities', () => {
    assert.deepEqual(
      model.figures.map(({ key, rows }) => [key, rows.length]),
      [
        ['state', 2],
        ['overhead.p50', 2],
        ['overhead.p99', 1],
        ['cpu', 2],
      ],
    );
    assert.match(figureOf('overhead.p50').sentence, /^It is the per-request overhead\. .* --fail-on allows/);
    assert.doesNotMatch(figureOf('cpu').sentence, /fail-on/);
  });

  test('draws a change as a multiple of a or as a difference, with what it has to be beyond and the limit', () => {
    const { rows } = figureOf('overhead.p50');
    const ratio = changesDrawing(rows, 'ratio', model.gateways) ?? assert.fail();
    const [worse] = ratio.lanes;
    assert.deepEqual([worse?.value, worse?.low, worse?.high], [1.13, 1.12, 1.14]);
    assert.deepEqual([worse?.needed, worse?.limit], [{ low: 0.97, high: 1.03 }, 1.05]);
    assert.deepEqual(wordsAt(ratio, 0, model.gateways), [
      'chat at 100 rps',
      '+0.130 [+0.120, +0.140] (+13 %) ▲ · worse',
      'no change within × 0.97 to × 1.03 is one',
      'the gate allows × 1.05',
      '6 blocks',
    ]);
    const difference = changesDrawing(rows, 'difference', model.gateways) ?? assert.fail();
    assert.deepEqual(tableOf(difference, model.gateways).rows[0], [
      'chat at 100 rps',
      '+0.13 ms',
      '+0.12 ms',
      '+0.14 ms',
      'worse',
      '6 blocks',
    ]);
    assert.deepEqual(lackingIn(figureOf('state').rows, 'ratio'), [
      'gw@2 against gw@1, chat at 500 rps: a ok; b saturated at 300/500 rps',
      'gw@2 against gw@1, chat at 900 rps: a absent; b ok',
    ]);
  });

  test('of nothing no multiple is drawn, and it is said', () => {
    const zero = madeMeasure('cpu', 'cannot-be-told', 0.1, { a: 0 });
    const { figures, gateways } = comparisonPageModel(madeComparison([madeCell(1, [zero])]), null);
    const rows = figures[0]?.rows ?? [];
    assert.equal(changesDrawing(rows, 'ratio', gateways), null);
    assert.match(lackingIn(rows, 'ratio').join(), /a’s figure is 0\.000 ms, of which nothing is a multiple/);
    assert.equal(changesDrawing(rows, 'difference', gateways)?.lanes.length, 1);
  });

  test('conduct is the same page: rows of cases, and a limit towards less where more is better', () => {
    const compared = conducts();
    const gate = { ...GATE, allowed: [{ name: 'servedShare', scenario: null, least: { amount: 0.1 } }] };
    const { figures, answer, question } = comparisonPageModel(compared, gate);
    assert.equal(question, 'What changed of gw while providers fail, from a to b?');
    assert.match(
      answer[0] ?? '',
      /^gw got worse: attempts a request, by \+300 % \(1\.00 → 4\.00, outage-503\); served, by −44 %/,
    );
    const served = figures.find(({ key }) => key === 'servedShare')?.rows[0];
    assert.deepEqual(
      [served?.change, served?.verdict, served?.limit],
      ['−40.0 points [−40.0 points, −40.0 points]', 'worse', -0.1],
    );
    assert.match(
      answer.join(' '),
      /Not compared of gw: failed over after, outage-503 \(a: nobody saw it; b: nobody saw it\)/,
    );
    assert.ok(renderConductComparison(compared, null).includes('got worse: attempts a request'));
  });
});

test('terminal, Markdown and page give one answer', () => {
  const texts = [
    renderComparison(COMPARISON, { columns: 1000, colour: false }),
    renderComparisonMarkdown(COMPARISON, null).replaceAll('\\', ''),
    renderComparisonHtml(COMPARISON, null).replaceAll('&#39;', "'"),
  ];
  for (const sentence of answerOf(COMPARISON)) for (const text of texts) assert.ok(text.includes(sentence), sentence);
});

test('pictures are those of the page, in the looks that are asked for; of many rows those that changed', () => {
  const cells = Array.from({ length: 500 }, (_, i) =>
    madeCell(i + 1, [madeMeasure('cpu', i === 498 ? 'worse' : 'cannot-be-told', 0.1)]),
  );
  const pictures = comparisonPictures(madeComparison(cells), null, { png: true, looks: ['light', 'dark'] });
  assert.deepEqual(
    pictures.map(({ name }) => name),
    ['light', 'dark'].flatMap((look) =>
      ['svg', 'png'].map((kind) => `charts/comparison-cpu${look === 'light' ? '' : '-dark'}.${kind}`),
    ),
  );
  const svg = String(pictures[0]?.content);
  assert.match(svg, /CPU of a request, 30 of 500: what changed most/);
  assert.match(svg, /chat at 499 rps/);
  const { figures } = comparisonPageModel(madeComparison(cells), null);
  assert.equal(shownRows(figures[0]?.rows ?? [], MOST_LANES).length, MOST_LANES);
});

describe('the page of a comparison', { skip: SKIP }, () => {
  const page = (): string => writtenPage(renderComparisonHtml(COMPARISON, GATE));

  test('shows, sorts and filters; the address brings it back', async () => {
    const { page: shown, complaints } = await opened(page());
    const answer = shown.locator('#answer');
    await answer.getByText('The gate fails.').waitFor();
    const first = answer.locator('table').first();
    assert.deepEqual(await first.locator('tbody td[data-head=figure]').allInnerTexts(), [
      'state',
      'overhead.p50',
      'cpu',
    ]);
    const chart = answer.locator('figure.chart', { hasText: 'What it adds at p50' });
    await chart.locator('svg').waitFor();
    assert.match((await chart.locator('svg').textContent()) ?? '', /b as a multiple of a/);
    await answer.getByLabel('as a ratio').uncheck();
    await chart.locator('svg', { hasText: 'b − a, ms' }).waitFor();
    await chart.getByText('figures', { exact: true }).click();
    await chart.getByRole('button', { name: 'change' }).click();
    await chart.getByRole('button', { name: 'change' }).click();
    assert.deepEqual(await chart.locator('tbody td[data-head=b]').allInnerTexts(), ['1.13 ms', '1.01 ms']);
    await answer.getByLabel('cannot-be-told').uncheck();
    assert.deepEqual(await chart.locator('tbody td[data-head=b]').allInnerTexts(), ['1.13 ms']);
    await shown.waitForURL(/verdict=worse&verdict=better&verdict=not-compared&as=difference&sort=-change$/);
    const { page: again } = await opened(shown.url());
    await again.locator('figure.chart svg', { hasText: 'b − a, ms' }).first().waitFor();
    assert.equal(await again.getByLabel('cannot-be-told').isChecked(), false);
    assert.deepEqual(complaints, []);
  });

  test('gives away its rows and its charts', async () => {
    const { page: shown, complaints } = await opened(page());
    const take = async (name: string): Promise<[string, string]> => {
      const [file] = await Promise.all([
        shown.waitForEvent('download'),
        shown.locator('#answer').getByRole('button', { name, exact: true }).first().click(),
      ]);
      return [file.suggestedFilename(), readFileSync(await file.path(), 'utf8')];
    };
    const [, csv] = await take('CSV');
    assert.ok(
      csv.includes('"gw@1","gw@2","chat","100 rps","overhead.p50","us",1000,1130,130,120,140,0.13,30,6,"worse",""\r\n'),
    );
    assert.ok(csv.includes('"worse","a ok; b saturated at 300/500 rps"'));
    const [name, json] = await take('JSON');
    assert.deepEqual([name, (JSON.parse(json) as { kind: string }).kind], ['comparison.json', 'comparison']);
    await shown.locator('figure.chart svg').first().waitFor();
    const [picture, svg] = await take('SVG');
    assert.equal(picture, 'comparison-overhead.p50.svg');
    assert.match(svg, /^<svg [^]*What it adds at p50[^]*<\/svg>$/);
    assert.deepEqual(complaints, []);
  });

  test('is worked by the keyboard alone, fits a narrow screen, and axe finds nothing serious', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page: shown, complaints } = await opened(page(), { colorScheme });
      const reached = "document.activeElement.closest('label')?.textContent.includes('as a ratio') === true";
      for (let i = 0; i < 60 && (await shown.evaluate(reached)) !== true; i += 1) await shown.keyboard.press('Tab');
      await shown.keyboard.press('Space');
      await shown.waitForURL(/as=difference$/);
      for (const summary of await shown.locator('figure.chart summary').all()) await summary.press('Enter');
      assert.deepEqual(await seriousIn(shown), [], colorScheme);
      await shown.setViewportSize({ width: 390, height: 800 });
      assert.equal(await overflow(shown), 0);
      assert.deepEqual(complaints, []);
      await shown.context().close();
    }
  });

  test('takes no markup from what things are called, and no name is too long', async () => {
    const long = 'a'.repeat(3000);
    const cells = [HOSTILE, long].map((name) =>
      madeCell(1, [madeMeasure('cpu', 'worse', 0.5)], { a: name, b: name, scenario: name }),
    );
    const address = writtenPage(renderComparisonHtml(madeComparison(cells, [HOSTILE, long]), null));
    const { page: shown, complaints } = await opened(address, { viewport: { width: 390, height: 800 } });
    await shown.locator('figure.chart').first().scrollIntoViewIfNeeded();
    await shown.locator('figure.chart svg').first().waitFor();
    assert.equal(await shown.locator('img').count(), 0);
    assert.ok((await shown.locator('#answer th', { hasText: HOSTILE }).count()) > 0);
    assert.equal(await overflow(shown), 0);
    assert.deepEqual(complaints, []);
  });

  test('of five hundred rows it draws those that changed, and all when asked', async () => {
    const cells = Array.from({ length: 500 }, (_, i) =>
      madeCell(i + 1, [madeMeasure('cpu', i === 498 ? 'worse' : 'cannot-be-told', 0.1)]),
    );
    const { page: shown, complaints } = await opened(writtenPage(renderComparisonHtml(madeComparison(cells), null)));
    const chart = shown.locator('figure.chart');
    const text = async (): Promise<string> => (await chart.locator('svg').textContent()) ?? '';
    await chart.locator('svg').waitFor();
    assert.match(await text(), /chat at 499 rps/);
    assert.doesNotMatch(await text(), /chat at 400 rps/);
    await shown.getByRole('button', { name: 'all of CPU of a request' }).click();
    await chart.locator('svg', { hasText: 'chat at 400 rps' }).waitFor();
    await shown.waitForURL(/#lanes=all$/);
    await chart.getByText('figures', { exact: true }).click();
    assert.equal(await chart.locator('tbody tr').count(), 500);
    assert.deepEqual(complaints, []);
  });

  test('shows conduct, and a comparison of nothing', async () => {
    for (const [of, said] of [
      [conducts(), 'got worse: attempts a request'],
      [madeComparison([]), 'there is nothing to compare'],
    ] as const) {
      const { page: shown, complaints } = await opened(writtenPage(renderComparisonHtml(of, null)));
      await shown.locator('#answer', { hasText: said }).waitFor();
      assert.deepEqual(complaints, []);
    }
  });
});
