import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { analyse } from '#src/analyse/analyse.js';
import type { CellSummary, Finding, Summary } from '#src/record/summary.js';
import { renderMarkdown } from '#src/report/markdown.js';
import { RESULT_ROWS, renderScreen, renderWhole } from '#src/report/terminal-screen.js';
import { renderStanding, renderTable } from '#src/report/terminal-table.js';
import { syntheticRun } from '../analyse/synthetic-run.js';
import { assertGolden } from '../golden.js';

const { manifest, trials } = syntheticRun();
const summary = analyse(manifest, trials);

/** What `--quick` measures: two scenarios at two levels. */
function quick(): Summary {
  const isQuick = ({ scenario, level }: CellSummary): boolean =>
    ['chat-minimal', 'chat-stream'].includes(scenario) && level.kind === 'rps' && [100, 500].includes(level.value);
  const ofQuick = (finding: { scenario: string; level: CellSummary['level'] }): boolean =>
    isQuick(finding as CellSummary);
  return { ...summary, cells: summary.cells.filter(isQuick), ranking: summary.ranking.filter(ofQuick) };
}

function withFindings(of: Summary, count: number, code: (i: number) => string): Summary {
  const findings = Array.from(
    { length: count },
    (_, i): Finding => ({
      code: code(i),
      severity: 'warning',
      target: ['crabllm', 'litellm', 'portkey'][i % 3] as string,
      scenario: 'chat-minimal',
      level: { kind: 'rps', value: 100 },
      message: `other work kept ${30 + i} % of the host’s CPUs busy (limit 25 %)`,
      evidence: {},
    }),
  );
  return { ...of, findings };
}

const RULER =
  'On this machine, on the day of the run, differences below 175 µs at p50 and 5.64 ms at p99 could not be told (certificate of today).';

function screen(run: Summary, columns: number): string {
  return renderScreen(run, RULER, 'crabllm-bench chart results --full', { columns, colour: false });
}

function longest(text: string): number {
  return Math.max(...text.split('\n').map((line) => stripVTControlCharacters(line).length));
}

describe('a result on a screen', () => {
  test('a quick run fits fifty lines, findings that repeat each other are one', () => {
    const run = withFindings(quick(), 12, () => 'host-busy');
    for (const columns of [80, 100, 120, 200]) {
      const text = screen(run, columns);
      assert.ok(text.split('\n').length <= RESULT_ROWS, `${text.split('\n').length} lines at ${columns} columns`);
      assert.ok(longest(text) <= columns);
    }
    const text = renderTable(run, { columns: 200, colour: false });
    assert.equal(text.split('other work kept').length, 2);
    assert.match(
      text,
      /crabllm chat-minimal: other work kept 30 % .* \(likewise: litellm chat-minimal, portkey chat-minimal, each in/,
    );
  });

  test('with many notes it is a screen too, those of most weight first, and says where the rest is', () => {
    const told = withFindings(quick(), 14, (i) => `code-${i}`);
    const findings = told.findings.map((finding, i) => ({
      ...finding,
      severity: i === 13 ? ('void' as const) : ('info' as const),
      message: `Sentence ${i} of a note that says what is odd about a cell. And another that says what would help, at some length, for whoever reads on.`,
    }));
    for (const columns of [80, 120, 200]) {
      const text = screen({ ...told, findings }, columns);
      assertGolden(`screen-${columns}.txt`, `${text}\n`);
      assert.ok(text.split('\n').length <= RESULT_ROWS);
      assert.match(text, /^! litellm chat-minimal: Sentence 13|^! crabllm chat-minimal: Sentence 13/m);
      assert.match(text.replaceAll('\n', ' '), /crabllm-bench chart results --full/);
    }
    const whole = renderWhole({ ...told, findings }, RULER, { columns: 120, colour: false });
    for (const { message } of findings) assert.ok(whole.replaceAll(/\n */g, ' ').includes(message));
  });

  test('what is longer than a screen anyway is told whole', () => {
    const style = { columns: 120, colour: false };
    assert.equal(renderScreen(summary, RULER, 'a command', style), renderWhole(summary, RULER, style));
  });

  test('the answer comes first, then the table, then notes', () => {
    const text = renderTable(
      withFindings(quick(), 1, () => 'host-busy'),
      { columns: 120, colour: false },
    );
    const places = ['Crabllm added least at the median', 'rps  ok %', 'Places by', 'Latency in ms', 'other work kept'];
    const found = places.map((words) => text.indexOf(words));
    assert.equal(found[0], 0);
    assert.deepEqual(
      found,
      found.toSorted((a, b) => a - b),
    );
  });

  test('no name and no reason breaks the table', () => {
    const name = `${'a-very-long-name-of-a-gateway-'.repeat(4)}@0.0.1`;
    const cells = summary.cells.map((cell, i) => ({
      ...cell,
      target: cell.target === 'portkey' ? name : cell.target,
      ...(cell.state === 'ok' || cell.reason === undefined
        ? {}
        : { reason: { code: 'x', message: `${'a reason of some length '.repeat(1 + (i % 5))}${i}` } }),
    }));
    for (const columns of [60, 80, 120, 200]) {
      const table = renderStanding({ ...summary, cells, ranking: [] }, { columns, colour: true }, 1000).join('\n');
      assert.ok(longest(table) <= columns, `${longest(table)} at ${columns}\n${table}`);
    }
  });

  test('while it goes on there is as much of the table as there is room for, in whole parts', () => {
    const style = { columns: 100, colour: false };
    const all = renderStanding(summary, style, 1000);
    assert.ok(all.length > 24);
    const some = renderStanding(summary, style, 20);
    assert.ok(some.length <= 20 && some.length > 5);
    assert.deepEqual(some.slice(0, -1), all.slice(0, some.length - 1));
    assert.match(some.at(-1) ?? '', /^… and \d+ more parts, at the end$/);
    assert.match(all[some.length - 1] ?? '', /^\S.* · /, 'the first line that is left out begins a part');
    assert.deepEqual(renderStanding(summary, style, 3), []);
  });
});

describe('a result in a comment', () => {
  test('a run of many targets, levels and findings stays below what a comment may have, the answer and the worst first', () => {
    const cells = Array.from({ length: 12 }, (_, i) =>
      summary.cells.map((cell) => ({
        ...cell,
        target: i === 0 || cell.target === 'direct' ? cell.target : `${cell.target}-${i}`,
        scenario: i < 6 ? cell.scenario : `${cell.scenario}-${i}`,
      })),
    ).flat();
    const text = renderMarkdown(
      withFindings({ ...summary, cells }, 400, (i) => `code-${i}`),
      'a ruler',
    );
    assert.ok(text.length < 65_536, String(text.length));
    assert.match(text, /\d+ more parts would not fit a comment: `summary\.json` and `report\.html` have them/);
    assert.match(text, /- and 370 more in `summary\.json`/);
    assert.match(text, /<\/details>\n$/);
  });

  test('the answer and what stands out come before the fold, what has no figure in front', () => {
    const text = renderMarkdown(summary, 'a ruler');
    const [before = ''] = text.split('<details>');
    assert.match(before, /\*\*Crabllm added least at the median at all \d levels compared/);
    const [, rows = ''] = before.split('## What stands out');
    const said = rows.split('\n').filter((line) => line.startsWith('| chat') || line.startsWith('| concurrent'));
    assert.match(said[0] ?? '', /No figure: saturated/);
    const added = said.flatMap((line) => Number(/Adds ([\d.]+) ms/.exec(line)?.[1] ?? Number.NaN) || []);
    assert.ok(added.length > 2);
    assert.deepEqual(
      added,
      added.toSorted((a, b) => b - a),
    );
    assert.doesNotMatch(text, /would not fit/);
  });
});
