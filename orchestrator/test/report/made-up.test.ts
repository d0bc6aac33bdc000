import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { panelsOf } from '#src/report/charts/panels.js';
import { renderSvg } from '#src/report/charts/svg.js';
import { THEMES } from '#src/report/charts/theme.js';
import { renderHtml } from '#src/report/html.js';
import { renderMarkdown } from '#src/report/markdown.js';
import { askedRps, reportModel, type ScenarioRows } from '#src/report/model.js';
import { renderTable } from '#src/report/terminal-table.js';
import { mixedRun } from '../analyse/mixed-run.js';

const { manifest, trials, name } = mixedRun();
const summary = analyse(manifest, trials);
const model = reportModel(summary);
const [mix, part] = model.scenarios as [ScenarioRows, ScenarioRows];

test('what a scenario is that only this run knows stands wherever it is shown', () => {
  const about = '75 % a, 25 % b';
  assert.deepEqual([mix.about, part.about], [about, null]);
  assert.match(
    renderHtml(summary, '', { manifest, trials }),
    new RegExp(`<h2>${name}</h2>\\n<p class="muted">${about}</p>`),
  );
  assert.match(renderMarkdown(summary, ''), new RegExp(`## ${name}\\n\\n${about}\\n`));
  assert.ok(renderSvg(model, mix, THEMES.light).includes(about));
});

test('a part of a mix has no diagram of what only the mix can know', () => {
  const titles = (scenario: ScenarioRows) => panelsOf(model, scenario).map(({ title }) => title);
  assert.ok(titles(mix).includes('Peak memory'));
  assert.ok(!titles(part).includes('Peak memory'));
});

test('a rate is held against what was due, and no level is called missed that was not asked for', () => {
  const cells = summary.cells.map((cell) =>
    cell.level.kind === 'rps' && cell.state === 'ok'
      ? { ...cell, offeredRps: cell.level.value * 0.55, achievedRps: cell.level.value * 0.55 }
      : cell,
  );
  const [first] = cells;
  assert.ok(first !== undefined && first.offeredRps !== null);
  assert.equal(askedRps(first), first.offeredRps);
  assert.equal(askedRps({ ...first, offeredRps: first.level.value * 0.995 }), first.level.value, 'a window is cut');
  assert.equal(askedRps({ ...first, level: { kind: 'streams', value: 4 } }), null);
  const table = renderTable({ ...summary, cells }, { columns: 140, colour: false });
  assert.match(table, /direct +55\.0 /);
  const drawn = reportModel({ ...summary, cells });
  const load = panelsOf(drawn, drawn.scenarios[0] as ScenarioRows).find(({ title }) => title.startsWith('Achieved'));
  assert.equal(load?.levels[0]?.slots[0]?.value?.value, 100);
});
