import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyseCapacity, searchSteps } from '#src/analyse/capacity.js';
import { capacityPictures } from '#src/report/charts/capacity-files.js';
import { tableOf, wordsAt } from '#src/report/charts/chart-words.js';
import { chosenOf } from '#src/report/charts/chosen.js';
import { renderCapacityHtml } from '#src/report/capacity-html.js';
import { renderCapacityMarkdown } from '#src/report/capacity-markdown.js';
import { capacityPageModel } from '#src/report/capacity-page-model.js';
import { renderCapacity } from '#src/report/capacity-text.js';
import { OBJECTIVES, searchedRun } from '../analyse/searched-run.js';
import { opened, overflow, seriousIn, SKIP, writtenPage } from './browser.js';

const { manifest, trials } = searchedRun();
const capacity = analyseCapacity(manifest, trials, [], OBJECTIVES);
const steps = searchSteps(manifest, trials, OBJECTIVES);
const model = capacityPageModel(capacity, steps, manifest);
const names = model.targets.map(({ name }) => name);
const chart = model.scenarios[0]?.chart ?? assert.fail();
const drawing = chart.drawing?.kind === 'search' ? chart.drawing : assert.fail();

test('each rate says how its windows went, what they agree on, and why', () => {
  const { heads, rows } = tableOf(drawing, names);
  assert.deepEqual(heads, ['target', 'rps', 'held', 'did not hold', 'void', 'settled', 'why']);
  const crabllm = rows.filter(([target]) => target === 'crabllm').map(([, ...cells]) => cells);
  assert.deepEqual(crabllm, [
    ['50', '1', '0', '0', 'not settled', ''],
    ['100', '1', '0', '0', 'not settled', ''],
    ['200', '1', '0', '0', 'not settled', ''],
    ['400', '7', '0', '0', 'holds', ''],
    ['430', '0', '7', '2', 'does not hold', 'p99<20ms: 31 ms; the host took CPU away'],
    ['800', '0', '2', '0', 'not settled', 'answered 640 of 800 rps; p99<20ms: 240 ms'],
  ]);
  assert.deepEqual(wordsAt(drawing, 4, names), [
    'crabllm at 430 rps: does not hold',
    'held 0, did not hold 7, void 2',
    'p99<20ms: 31 ms; the host took CPU away',
  ]);
  assert.equal(
    rows.some(([target]) => target === 'direct'),
    false,
    'the control is no rate of a search',
  );
});

test('a lane has the range that was confirmed, open where it has no end, and who was not had is named', () => {
  const lanes = Object.fromEntries(drawing.lanes.map(({ target, range, text }) => [names[target], { ...range, text }]));
  assert.deepEqual(lanes, {
    crabllm: { low: 400, high: 430, text: '400 to 430 rps' },
    litellm: { low: null, high: 50, text: 'none: not even 50 rps holds' },
    portkey: { low: 2000, high: null, text: 'at least 2000 rps' },
  });
  assert.match(chart.lacks.join(), /^bifrost: not measured: the program bifrost is not on PATH/);
  const one = chosenOf(drawing, { shows: (target) => names[target] === 'portkey', quantiles: [] });
  assert.deepEqual(one?.kind === 'search' && one.lanes.map(({ target }) => names[target]), ['portkey']);
});

test('terminal, Markdown and page say the same of a target', () => {
  const texts = [
    renderCapacity(capacity, { columns: 100, colour: false }),
    renderCapacityMarkdown(capacity),
    renderCapacityHtml(capacity, steps, manifest),
  ];
  for (const text of texts)
    for (const said of ['400 to 430 rps', 'none: not even 50 rps holds', 'at least 2000 rps'])
      assert.ok(text.includes(said), said);
  assert.match(texts[0] ?? '', /crabllm {2}400 to 430 rps \(b\)/);
  assert.match(texts[1] ?? '', /\| crabllm \| 400 to 430 rps \| b \|/);
});

test('its picture is drawn by the builder of the page, for each look', () => {
  const pictures = capacityPictures(capacity, steps, names, { png: false, looks: ['light', 'dark'] });
  assert.deepEqual(
    pictures.map(({ name }) => name),
    ['charts/capacity-chat-minimal.svg', 'charts/capacity-chat-minimal-dark.svg'],
  );
  const [light = '', dark = ''] = pictures.map(({ content }) => String(content));
  for (const said of ['400 to 430 rps', 'at least 2000 rps', 'requests a second, log'])
    assert.ok(light.includes(said), said);
  assert.notEqual(light, dark);
});

test('the page sorts, opens what an answer rests on, and shows its rates as a table', { skip: SKIP }, async () => {
  const { page, complaints } = await opened(writtenPage(renderCapacityHtml(capacity, steps, manifest)));
  const answer = page.locator('#answer');
  const targets = (): Promise<string[]> => answer.locator('table').first().locator('button.name').allInnerTexts();
  assert.deepEqual(await targets(), ['crabllm', 'bifrost', 'litellm', 'portkey']);
  await answer.getByRole('button', { name: 'capacity' }).press('Enter');
  await answer.getByRole('button', { name: 'capacity' }).press('Enter');
  assert.deepEqual(await targets(), ['portkey', 'crabllm', 'litellm', 'bifrost'], 'who has none comes last');
  await answer.getByText('figures', { exact: true }).click();
  assert.match(
    (await answer.locator('details.figures tbody').innerText()) ?? '',
    /crabllm\s+430\s+0\s+7\s+2\s+does not hold/,
  );
  await answer.getByRole('button', { name: 'crabllm' }).first().press('Enter');
  await page.getByRole('dialog', { name: 'About crabllm' }).waitFor();
  await page.keyboard.press('Escape');
  await answer.locator('.tools').getByRole('checkbox', { name: 'crabllm' }).uncheck();
  assert.deepEqual(await targets(), ['portkey', 'litellm', 'bifrost']);
  assert.doesNotMatch(await answer.locator('details.figures tbody').innerText(), /crabllm/);
  await page.reload();
  await answer.locator('table').first().waitFor();
  assert.deepEqual(await targets(), ['portkey', 'litellm', 'bifrost'], 'the choice can be sent');
  assert.deepEqual(complaints, []);
});

test('the page fits a narrow screen, and axe finds nothing serious in either scheme', { skip: SKIP }, async () => {
  const address = writtenPage(renderCapacityHtml(capacity, steps, manifest));
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, complaints } = await opened(address, { colorScheme });
    await page.locator('figure.chart svg').first().waitFor();
    assert.deepEqual(await seriousIn(page), [], colorScheme);
    await page.setViewportSize({ width: 390, height: 800 });
    assert.equal(await overflow(page), 0);
    assert.deepEqual(complaints, []);
    await page.context().close();
  }
});
