import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { panelsOf } from '#src/report/charts/panels.js';
import { svgToPng } from '#src/report/charts/png.js';
import { renderSvg } from '#src/report/charts/svg.js';
import { markOf, THEMES } from '#src/report/charts/theme.js';
import { type ScenarioRows, reportModel } from '#src/report/model.js';
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
      'Achieved share of the load asked for',
      'Peak memory',
    ]);
    assert.deepEqual(titles[1]?.slice(2, 4), ['Time to first token, p50 and p99', 'Gap between tokens, p50 and p99']);
    assert.ok(titles[2]?.includes('Finished per second'));
  });

  it('writes why a slot is empty, and shows the rate at which a saturated target stood', () => {
    const [latency, overhead, load] = panelsOf(model, minimal);
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

describe('markOf', () => {
  it('never gives two of sixty-four targets the same colour and shape', () => {
    const marks = Array.from({ length: 64 }, (_, i) => JSON.stringify(markOf(i, THEMES.light)));
    assert.equal(new Set(marks).size, 64);
  });
});
