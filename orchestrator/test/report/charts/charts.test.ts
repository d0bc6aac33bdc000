import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import type { CellSummary } from '#src/record/summary.js';
import { panelsOf } from '#src/report/charts/panels.js';
import { svgToPng } from '#src/report/charts/png.js';
import { renderSvg } from '#src/report/charts/svg.js';
import { marksOf, THEMES } from '#src/report/charts/theme.js';
import { type LevelRows, type ScenarioRows, reportModel } from '#src/report/model.js';
import { syntheticRun } from '../../analyse/synthetic-run.js';
import { assertGolden } from '../../golden.js';
import { decodePng, inkIn } from '../../support/png-pixels.js';

const { manifest, trials } = syntheticRun();
const model = reportModel(analyse(manifest, trials));
const [minimal, stream, concurrent] = model.scenarios as [ScenarioRows, ScenarioRows, ScenarioRows];

describe('panelsOf', () => {
  it('has latency, overhead, load and memory, and tokens for streams', () => {
    const titles = [minimal, stream, concurrent].map((of) => panelsOf(model, of).map(({ title }) => title));
    assert.deepEqual(titles[0], [
      'Latency, p50 (dots: each block) and p99',
      'Overhead against direct, shift of p50',
      'Latency over the rate, p50 and p99',
      'Achieved share of the load asked for',
      'Complete, correct answers',
      'Peak memory',
    ]);
    assert.deepEqual(titles[1]?.slice(2, 4), ['Time to first token, p50 and p99', 'Gap between tokens, p50 and p99']);
    assert.ok(titles[2]?.includes('Finished per second'));
  });

  it('writes why a slot is empty, and shows the rate at which a saturated target stood', () => {
    const panels = panelsOf(model, minimal);
    const [latency, overhead] = panels;
    const load = panels.find(({ title }) => title.startsWith('Achieved'));
    const litellm = model.targets.indexOf('litellm');
    const at500 = (panel: typeof latency) => panel?.levels[1]?.slots.find(({ target }) => target === litellm);
    assert.deepEqual([at500(latency)?.note, at500(latency)?.value], ['saturated', null]);
    assert.equal(at500(overhead)?.note, 'saturated');
    assert.deepEqual([at500(load)?.label, at500(load)?.value?.value], ['160/s', 32]);
  });

  it('has no place for direct among overheads, nor for an absent target anywhere', () => {
    const [latency, overhead] = panelsOf(model, minimal);
    const targets = (panel: typeof latency) => panel?.levels[0]?.slots.map(({ target }) => model.targets[target]);
    assert.deepEqual(targets(latency), ['direct', 'crabllm', 'litellm', 'portkey']);
    assert.deepEqual(targets(overhead), ['crabllm', 'litellm', 'portkey']);
    assert.ok((overhead?.levels[0]?.floor ?? 0) > 0);
  });
});

describe('the curve over the rate', () => {
  const rates = [100, 500, 1000].map((value) => ({ kind: 'rps' as const, value }));
  const row = (minimal.levels[0] as LevelRows).rows.find(({ target }) => target === 'crabllm') as CellSummary;
  const levels = rates.map((level, i) => ({
    ...(minimal.levels[0] as LevelRows),
    level,
    label: `${level.value} rps`,
    rows: [i === 2 ? { ...row, level, state: 'saturated' as const, latencyUs: {} } : { ...row, level }],
  }));

  it('goes through the levels that a target has a latency at, on log axes, and ends where it was too much', () => {
    const curve = panelsOf(model, { ...minimal, levels }).find(({ look }) => look === 'curve');
    assert.equal(curve?.scale, 'log');
    assert.deepEqual(
      curve?.levels.map(({ value, slots }) => [value, slots.some((slot) => slot.value !== null)]),
      [
        [100, true],
        [500, true],
        [1000, false],
      ],
    );
    const svg = renderSvg(model, { ...minimal, levels }, THEMES.light);
    assert.match(svg, /stroke-dasharray="5,4"/);
  });

  it('is not drawn of one level', () => {
    const one = panelsOf(model, { ...minimal, levels: levels.slice(0, 1) });
    assert.equal(
      one.some(({ look }) => look === 'curve'),
      false,
    );
  });
});

describe('renderSvg', () => {
  it('draws the same picture every time', () => {
    const svg = renderSvg(model, minimal, THEMES.light);
    assert.equal(renderSvg(model, minimal, THEMES.light), svg);
    assertGolden('chat-minimal.svg', svg);
  });

  it('has every word a reader needs', () => {
    const svg = renderSvg(model, minimal, THEMES.light);
    for (const word of [
      'chat-minimal',
      'crabllm',
      'litellm',
      '1000 rps',
      'saturated',
      '160/s',
      'noise floor',
      'log scale',
    ]) {
      assert.ok(svg.includes(word), word);
    }
    assert.ok(svg.includes('bifrost is absent: the program bifrost is not on PATH'));
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
  });

  it('draws a run in which nothing was measured, and one with many targets', () => {
    const nothing = reportModel(analyse(manifest, []));
    for (const scenario of nothing.scenarios) {
      assert.doesNotMatch(renderSvg(nothing, scenario, THEMES.dark), /NaN|Infinity|undefined/);
    }
    const crowd = { ...model, targets: [...model.targets, ...Array.from({ length: 16 }, (_, i) => `gateway-${i}`)] };
    assert.match(renderSvg(crowd, minimal, THEMES.light), /gateway-15/);
  });
});

describe('svgToPng', () => {
  it('has text: the heading and the labels of the axes are drawn with the bundled font', () => {
    const pixels = decodePng(svgToPng(renderSvg(model, minimal, THEMES.light)));
    assert.equal(pixels.width, 2400);
    const heading = inkIn(pixels, { x: 80, y: 56, width: 400, height: 56 });
    // Bold letters of 26 px at double size cover several thousand pixels; a picture without fonts has none there.
    assert.ok(heading > 2000, `${heading} pixels of heading`);
    const axisLabels = inkIn(pixels, { x: 140, y: 1000, width: 1000, height: 50 });
    assert.ok(axisLabels > 300, `${axisLabels} pixels of labels`);
  });
});

describe('marksOf', () => {
  it('gives no two targets the same colour and shape, unless more share a colour than there are shapes', () => {
    const marks = marksOf(
      Array.from({ length: 64 }, (_, i) => `gateway-${i}`),
      THEMES.light,
    );
    for (const colour of new Set(marks.map((mark) => mark.colour))) {
      const shapes = marks.filter((mark) => mark.colour === colour).map(({ shape }) => shape);
      assert.equal(new Set(shapes).size, Math.min(8, shapes.length), colour);
    }
  });

  it('gives a gateway its colour by its name alone, wherever it stands and whoever stands beside it', () => {
    const colourIn = (name: string, ...names: string[]) => marksOf(names, THEMES.light)[names.indexOf(name)]?.colour;
    for (const name of ['crabllm', 'bifrost', 'litellm', 'portkey', 'mygw', 'crabllm@0.0.24'])
      assert.equal(colourIn(name, name, 'direct'), colourIn(name, 'direct', 'other', 'litellm-2', name));
  });

  it('tells up to eight targets apart by shape alone, and keeps those of the known ones', () => {
    const names = ['direct', 'a', 'b', 'c', 'crabllm', 'bifrost', 'litellm', 'portkey'];
    const marks = marksOf(names, THEMES.dark);
    assert.equal(new Set(marks.map(({ shape }) => shape)).size, 8);
    assert.equal(marks[4]?.shape, 'triangle');
  });

  it('leaves the colours of the known ones to them', () => {
    const known = marksOf(['direct', 'crabllm', 'bifrost', 'litellm', 'portkey'], THEMES.light);
    const others = marksOf(
      Array.from({ length: 200 }, (_, i) => `g${i}`),
      THEMES.light,
    );
    assert.equal(
      others.some(({ colour }) => known.some((mark) => mark.colour === colour)),
      false,
    );
  });
});
