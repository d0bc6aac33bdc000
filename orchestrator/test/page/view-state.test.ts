import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';
import fc from 'fast-check';

/** The page's own modules are bundled for browsers, so this one is bundled for the test. */
async function viewState(): Promise<{
  parseView: (fragment: string, model: unknown) => object;
  formatView: (view: object) => string;
  parseZoom: (word: string) => { start: number; end: number };
  formatZoom: (zoom: { start: number; end: number }) => string;
}> {
  const entry = resolve(import.meta.dirname, '../../page/view-state.ts');
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, format: 'esm', write: false });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0]?.text ?? '')}`);
}

const QUANTILES = ['p50', 'p90', 'p99'];

test('a fragment brings back the view that wrote it, whatever things are called', async () => {
  const { parseView, formatView } = await viewState();
  const names = fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 5 });
  const case_ = fc.record({ scenarios: names, levels: names, targets: names }).chain((known) =>
    fc.record({
      known: fc.constant(known),
      view: fc.record({
        scenarios: fc.subarray(known.scenarios),
        levels: fc.subarray(known.levels),
        targets: fc.subarray(known.targets),
        quantiles: fc.subarray(QUANTILES, { minLength: 1 }),
        baseline: fc.constantFrom('direct', ...known.targets),
        ratio: fc.boolean(),
        about: fc.constantFrom('', ...known.targets),
        sort: fc.constantFrom('', 'memory', '-added-p50'),
      }),
    }),
  );
  fc.assert(
    fc.property(case_, ({ known, view }) => {
      const model = {
        targets: known.targets.map((name) => ({ name })),
        scenarios: known.scenarios.map((scenario) => ({ scenario, levels: known.levels.map((label) => ({ label })) })),
      };
      assert.deepEqual(parseView(`#${formatView(view)}`, model), { ...view });
    }),
  );
});

test('a fragment that asks for what the run does not have shows the first view', async () => {
  const { parseView } = await viewState();
  const model = { targets: [{ name: 'direct' }], scenarios: [] };
  assert.deepEqual(parseView('#scenario=none&target=none&q=p42&against=none&level=x', model), parseView('', model));
});

test('a part of a chart comes back to a tenth of a percent, and what is none is all of it', async () => {
  const { parseZoom, formatZoom } = await viewState();
  const tenths = fc.integer({ min: 0, max: 1000 });
  fc.assert(
    fc.property(tenths, tenths, (from, to) => {
      fc.pre(from < to);
      const zoom = { start: from / 10, end: to / 10 };
      assert.deepEqual(parseZoom(formatZoom(zoom)), zoom);
    }),
  );
  assert.equal(formatZoom({ start: 0, end: 100 }), '');
  for (const word of ['', 'x', '50', '60-40', '-1-5', '5-101', '1-2<script>'])
    assert.deepEqual(parseZoom(word), { start: 0, end: 100 }, word);
});
