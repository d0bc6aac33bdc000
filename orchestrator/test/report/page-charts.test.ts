import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { chartOption } from '#src/report/charts/chart-option.js';
import type { Chart } from '#src/report/charts/chart.js';
import { tableOf, tailWords, wordsAt } from '#src/report/charts/chart-words.js';
import { chosenOf, targetsIn } from '#src/report/charts/chosen.js';
import { THEMES } from '#src/report/charts/theme.js';
import { pageModel } from '#src/report/page-model.js';
import { syntheticRun } from '../analyse/synthetic-run.js';

const run = syntheticRun({ ledger: true, most: 500 });
const model = pageModel(analyse(run.manifest, run.trials), '', run);
const names = model.targets.map(({ name }) => name);
const charts = model.scenarios.flatMap((scenario) => scenario.charts);

function chartAt(scenario: string, key: string, level: string | null = null): Chart {
  const found = model.scenarios
    .find((one) => one.scenario === scenario)
    ?.charts.find((chart) => chart.key === key && chart.level === level);
  assert.ok(found !== undefined, `${scenario} ${key}`);
  return found;
}

describe('the charts of the page', () => {
  it('each say what they show, and are there or say why not', () => {
    for (const { key, sentence, drawing, lacks } of charts) {
      assert.ok(drawing === null ? lacks.length > 0 : sentence.length > 20, key);
    }
    const keys = new Set(charts.map(({ key }) => key));
    for (const key of ['added', 'load', 'tail', 'path', 'time', 'cpu-time', 'memory-time', 'first-token'])
      assert.ok(keys.has(key), key);
  });

  it('name whoever is not in them, with the reason', () => {
    const { drawing, lacks } = chartAt('chat-minimal', 'tail', '500 rps');
    assert.ok(drawing !== null && !targetsIn(drawing).includes(names.indexOf('litellm')));
    assert.deepEqual(lacks, ['litellm: saturated at 160/500 rps']);
  });

  it('say in the place of a chart what the driver does not see', () => {
    const without = syntheticRun({ most: 500 });
    const manifest = { ...without.manifest, driver: 'oha' };
    const trials = without.trials.map((trial) => ({
      ...trial,
      load: trial.load === null ? null : { ...trial.load, gapUs: null },
    }));
    const [, stream] = pageModel(analyse(manifest, trials), '', { manifest, trials }).scenarios;
    const lack = (key: string) => stream?.charts.find((chart) => chart.key === key && chart.drawing === null)?.lacks;
    assert.match(lack('gap')?.[0] ?? '', /oha does not see gaps/);
    assert.match(lack('path')?.[0] ?? '', /oha keeps no record of each request/);
  });

  it('are of quantised figures: the model of a run has no requests in it', () => {
    const requests = run.trials.reduce((sum, { load }) => sum + (load?.scheduled ?? 0), 0);
    const numbers = JSON.stringify(charts).match(/-?\d+(\.\d+)?/g)?.length ?? 0;
    assert.ok(numbers < requests / 3, `${numbers} numbers of ${requests} requests`);
  });

  it('draw each kind in either theme without a figure that is none', () => {
    for (const { key, drawing } of charts) {
      if (drawing === null) continue;
      const setting = { width: 500, height: 320, targets: names, heading: ['a', 'b'], isLive: true };
      const option = chartOption(drawing, { ...setting, theme: THEMES.dark });
      assert.doesNotMatch(JSON.stringify(option), /NaN|Infinity|undefined/, key);
    }
  });

  it('show of what is chosen, and nothing where none of it is there', () => {
    const { drawing } = chartAt('chat-minimal', 'time', '100 rps');
    assert.ok(drawing !== null && drawing.kind === 'lines');
    const direct = names.indexOf('direct');
    const chosen = chosenOf(drawing, { shows: (target) => target === direct, quantiles: ['p50'] });
    assert.ok(chosen?.kind === 'lines');
    assert.deepEqual(
      chosen.lines.map(({ target, part }) => [target, part]),
      [[direct, 'p50']],
    );
    assert.equal(chosenOf(drawing, { shows: () => false, quantiles: ['p50'] }), null);
  });

  it('answer a pointer with interval and n, and have the same figures in a table', () => {
    const { drawing } = chartAt('chat-minimal', 'added');
    assert.ok(drawing !== null);
    const words = wordsAt(drawing, 0, names);
    assert.equal(words[0], '100 rps');
    const crabllm = words.find((line) => line.startsWith('crabllm: '));
    assert.match(crabllm ?? '', /^crabllm: [\d.]+ \[[\d.]+, [\d.]+\] ms.* · \d+ requests in 4 blocks$/);
    const { heads, rows } = tableOf(drawing, names);
    assert.ok(rows.every((row) => row.length === heads.length));
    assert.ok(rows.some((row) => row.includes('crabllm') && row.includes('100 rps')));
    assert.ok(words.some((line) => line.startsWith('direct’s two visits: within ')));
  });

  it('name the quantile at a place of the tail', () => {
    assert.deepEqual([0, Math.log10(2), 1, 2, 3].map(tailWords), ['p0', 'p50', 'p90', 'p99', 'p99.9']);
  });
});
