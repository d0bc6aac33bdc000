import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { headlineOf } from '#src/calibrate/headline.js';
import { syntheticRun } from '../analyse/synthetic-run.js';

const crabllmOf = (ledger: boolean) => {
  const { manifest, trials } = syntheticRun({ ledger });
  const summary = analyse(manifest, trials);
  const cell = summary.cells.find(({ target }) => target === 'crabllm') ?? assert.fail();
  return { summary, cell, headline: headlineOf(cell, summary) ?? assert.fail() };
};

test('with the ledger it is each request’s own overhead, against that of direct', () => {
  const { cell, headline } = crabllmOf(true);
  assert.equal(headline.by, 'per-request');
  assert.equal(headline.shift, cell.perRequest?.shiftUs);
  assert.equal(headline.directUs, cell.perRequest?.directUs);
});

test('without it is the shift of quantiles, with direct’s latency and the floor of its level', () => {
  const { summary, cell, headline } = crabllmOf(false);
  const { p50Us } = summary.noiseFloor[0] ?? assert.fail();
  assert.equal(headline.by, 'quantile-shift');
  assert.equal(headline.shift, cell.overheadUs);
  assert.equal(headline.directUs, summary.cells[0]?.latencyUs);
  assert.equal(headline.floorUs.p50, p50Us);
});

test('direct has none against itself', () => {
  const { summary } = crabllmOf(false);
  assert.equal(headlineOf(summary.cells[0] ?? assert.fail(), summary), null);
});
