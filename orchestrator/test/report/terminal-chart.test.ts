import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { analyse } from '#src/analyse/analyse.js';
import { scaleFor } from '#src/report/scale.js';
import { drawBar } from '#src/report/terminal-bars.js';
import { renderChart } from '#src/report/terminal-chart.js';
import { syntheticRun } from '../analyse/synthetic-run.js';
import { assertGolden } from '../golden.js';

const { manifest, trials } = syntheticRun();
const summary = analyse(manifest, trials);

describe('renderChart', () => {
  it('is readable at 80 columns without colour', () => {
    const text = renderChart(summary, { columns: 80, colour: false });
    assertGolden('chart-80.txt', `${text}\n`);
    assert.ok(text.split('\n').every((line) => line.length <= 80));
  });

  it('shows saturated cells and absent targets as such', () => {
    const text = renderChart(summary, { columns: 100, colour: false });
    assert.match(text, /litellm +✕ saturated at 160\/500 rps/);
    assert.match(text, /bifrost is absent: the program bifrost is not on PATH/);
  });

  it('says the same with colours', () => {
    const coloured = renderChart(summary, { columns: 80, colour: true });
    assert.equal(stripVTControlCharacters(coloured), renderChart(summary, { columns: 80, colour: false }));
  });
});

describe('drawBar', () => {
  const scale = scaleFor([10, 100]);

  it('is solid to the lower bound and shaded to the upper', () => {
    assert.equal(drawBar({ value: 50, low: 40, high: 60 }, scale, 10), '████▒▒');
    assert.equal(drawBar({ value: 50, low: 45, high: 60 }, scale, 10), '████▌▒');
  });

  it('is solid to the value without an interval, and never empty', () => {
    assert.equal(drawBar({ value: 51.25, low: 51.25, high: 51.25 }, scale, 10), '█████▏');
    assert.equal(drawBar({ value: 0.1, low: 0.1, high: 0.1 }, scale, 10), '▏');
  });
});
