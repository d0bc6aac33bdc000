import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Summary } from '#src/record/summary.js';
import { addedPanel, panelsOf } from '#src/report/charts/panels.js';
import { renderMarkdown } from '#src/report/markdown.js';
import { reportModel } from '#src/report/model.js';
import { sentenceOf } from '#src/report/page-sentence.js';
import { renderTable } from '#src/report/terminal-table.js';
import { summaryOf } from '../analyse/bare-run.js';

const judged = summaryOf({
  'chat-minimal': { direct: [300, 310, 290], crabllm: [360, 371, 349], portkey: [302, 308, 293] },
});

/** The same with direct's two visits so far apart that crabllm's 60 µs, which are told, lie below it. */
const summary: Summary = {
  ...judged,
  noiseFloor: judged.noiseFloor.map((floor) => ({ ...floor, p50Us: 200, pairs: 3 })),
  cells: judged.cells.map((cell) =>
    cell.target === 'direct' || cell.overheadUs?.p50 === undefined
      ? cell
      : {
          ...cell,
          overheadUs: {
            p50: {
              ...cell.overheadUs.p50,
              ...(cell.target === 'crabllm'
                ? { value: 60, low: 55, high: 65, verdict: 'above' as const }
                : { value: 1, low: -4, high: 6, verdict: 'within-noise' as const }),
            },
          },
        },
  ),
};

describe('a figure below the noise floor that the judge calls above direct', () => {
  const model = reportModel(summary);
  const [scenario] = model.scenarios;
  const [level] = scenario?.levels ?? [];
  if (scenario === undefined || level === undefined) assert.fail('the run has a scenario and a level');

  it('is above in every word and mark, and what cannot be told is not, wherever the floor lies', () => {
    const sentences = level.rows.map((cell) => sentenceOf(level, cell));
    assert.match(sentences[1] ?? '', /^Adds 0\.060 ms/);
    assert.match(sentences[2] ?? '', /^Cannot be told from direct/);
    const table = renderTable(summary, { columns: 120, colour: false });
    assert.match(table, /crabllm .*\+0\.060 \[0\.055, 0\.065\] ▲/);
    assert.match(table, /portkey .*≤0\.006 ≈/);
    const panels = [panelsOf(model, scenario).find(({ key }) => key === 'overhead'), addedPanel(model, scenario)];
    for (const panel of panels)
      assert.deepEqual(
        panel?.levels[0]?.slots.map(({ target, untold = [] }) => [model.targets[target], untold]),
        [
          ['crabllm', []],
          ['portkey', ['p50']],
        ],
      );
  });

  it('is nowhere said to be within noise, or what two equal targets differ by: the floor only explains', () => {
    for (const text of [renderTable(summary, { columns: 120, colour: false }), renderMarkdown(summary, '')]) {
      assert.doesNotMatch(text, /equal targets|told from noise|within noise/);
    }
    assert.match(renderMarkdown(summary, ''), /what is above or below they alone decide/);
  });
});

describe('a target that is no LLM gateway', () => {
  const run: Summary = { ...summary, references: [{ target: 'portkey', plays: 'proxy' }] };

  it('is called what it is beside its name and in the answer, and its figures are as they were', () => {
    const table = renderTable(run, { columns: 120, colour: false });
    assert.match(table, / {2}portkey \(proxy\) +\d/);
    assert.match(table, /For reference: portkey, a proxy, \+[\d.]+ (to \+[\d.]+ )?ms\./);
    assert.doesNotMatch(table, /portkey added least/);
    const markdown = renderMarkdown(run, '');
    assert.match(markdown, /\| portkey \(proxy\) \|/);
    assert.doesNotMatch(renderTable(summary, { columns: 120, colour: false }), /proxy/);
  });
});
