import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { summarySchema } from '#src/record/summary.js';
import { renderHtml } from '#src/report/html.js';
import { renderMarkdown } from '#src/report/markdown.js';
import { sessionTables } from '#src/report/session-rows.js';
import { renderTable } from '#src/report/terminal-table.js';
import { mixedRun } from '../analyse/mixed-run.js';

const SIZES = {
  a: { turns: { first: 1, last: 3 }, bytes: { least: 3000, most: 40_000 } },
  b: { turns: { first: 4, last: 4 }, bytes: { least: 90_000, most: 90_000 } },
};

function summary() {
  const { manifest, trials } = mixedRun();
  const scenarios = manifest.scenarios.map((scenario) => ({
    ...scenario,
    ...('mix' in scenario && scenario.mix !== undefined
      ? { mix: scenario.mix.map((part) => ({ ...part, ...SIZES[part.scenario as 'a' | 'b'] })) }
      : {}),
  }));
  return summarySchema.parse(analyse({ ...manifest, scenarios }, trials));
}

test('a run with sessions says by turn and size what each target took and added; one without says nothing of it', () => {
  const { sessions = [], ...rest } = summary();
  const [table] = sessionTables({ sessions, cells: rest.cells });
  assert.deepEqual(table?.heads.slice(0, 4), ['turns', 'kB', 'ms', 'direct']);
  assert.deepEqual(
    table?.rows.map((row) => row.slice(0, 3).join(' ')).filter((row) => row.endsWith('p50')),
    ['1–3 3–40 p50', '4–4 90–90 p50'],
  );
  for (const row of table?.rows ?? []) {
    assert.match(row[3] ?? '', /^[\d.]+$/);
    assert.ok(
      row.slice(4).every((text) => /^[\d.]+( [+−][\d.]+ [▲▼≈])?$|^–$/.test(text)),
      row.join(' | '),
    );
  }
  assert.deepEqual(sessionTables({ cells: rest.cells }), []);
});

test('terminal and Markdown have the table', () => {
  const style = { columns: 100, colour: false, unicode: true } as Parameters<typeof renderTable>[1];
  assert.match(renderTable(summary(), style), /Sessions: latency by turn[\s\S]*│ 1–3 +│ 3–40/);
  assert.match(renderHtml(summary(), '', mixedRun()), /<h2>Sessions: latency by turn[\s\S]*<th scope="row">1–3<\/th>/);
  assert.match(renderMarkdown(summary(), ''), /## Sessions: latency by turn[\s\S]*\| 1–3 \| 3–40 \| p50/);
});
