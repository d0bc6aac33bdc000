import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { analyseSoak, soakOf } from '#src/analyse/soak.js';
import type { StoredRun } from '#src/record/run-directory.js';
import { chartOption } from '#src/report/charts/chart-option.js';
import { soakPictures } from '#src/report/charts/files.js';
import { THEMES } from '#src/report/charts/theme.js';
import { renderMarkdown } from '#src/report/markdown.js';
import { pageModel } from '#src/report/page-model.js';
import { lehmer, normal, syntheticRun } from '../analyse/synthetic-run.js';

const MIB = 2 ** 20;

/** Every target watched for so many minutes, growing by so many MiB an hour. */
function soaked(minutes: number, mibPerHour: number): StoredRun {
  const { manifest, trials } = syntheticRun({ blocks: 1, most: 100 });
  const random = lehmer(5);
  const scenarios = manifest.scenarios.slice(0, 1);
  return {
    manifest: { ...manifest, scenarios, options: { soak: `${minutes}m` } },
    trials: trials
      .filter(({ scenario, replica }) => scenario === scenarios[0]?.name && replica === 1)
      .map((trial) => ({
        ...trial,
        resources: trial.resources && {
          ...trial.resources,
          series: Array.from({ length: minutes * 60 }, (_, second): [number, number, number] => [
            second * 1000,
            Math.round((100 + (mibPerHour * second) / 3600 + 0.2 * normal(random)) * MIB),
            second * 1000,
          ]),
        },
      })),
  };
}

const chartsIn = (run: StoredRun) =>
  pageModel(analyse(run.manifest, run.trials), '', run).scenarios[0]?.charts.filter(({ key }) =>
    key.startsWith('soak-'),
  ) ?? [];

test('memory over a soak has the line that its verdict was read from, with the fan of its interval', () => {
  const run = soaked(20, 60);
  const [, chart] = chartsIn(run);
  assert.equal(chart?.key, 'soak-crabllm');
  assert.match(
    chart?.sentence ?? '',
    /^Memory of crabllm, chat-minimal at 100 rps: .* grows: \+59\.8 \[.* MiB an hour\./,
  );
  const drawing = chart?.drawing?.kind === 'lines' ? chart.drawing : assert.fail();
  const { xs, value, low, high } = drawing.fit ?? assert.fail();
  const growth = analyseSoak(run.manifest, run.trials).growth.find(({ target }) => target === 'crabllm')?.growth;
  const slope = ([from, to]: readonly [number, number]): number => ((to - from) / (xs[1] - xs[0])) * 60 * MIB;
  for (const [ys, told] of [
    [value, growth?.bytesPerHour?.value],
    [low, growth?.bytesPerHour?.low],
    [high, growth?.bytesPerHour?.high],
  ] as const)
    assert.ok(Math.abs(slope(ys) - (told ?? 0)) < 0.05 * MIB, `${slope(ys) / MIB} ${(told ?? 0) / MIB}`);
  assert.equal(drawing.figures.length, 24);
  const option = chartOption(drawing, {
    width: 600,
    height: 320,
    targets: ['direct', 'crabllm'],
    theme: THEMES.light,
    heading: [],
    isLive: true,
  });
  assert.ok((option['yAxis'] as { min: number }).min >= 80, 'growth is not pressed flat by an axis from 0');
});

test('of a short soak the line is named as lacking, and a run that is none has no such chart', () => {
  const [, chart] = chartsIn(soaked(2, 60));
  assert.equal(chart?.drawing?.kind === 'lines' && chart.drawing.fit, undefined);
  assert.deepEqual(chart?.lacks, ['crabllm: no line, because it was watched too short']);
  assert.deepEqual(chartsIn(syntheticRun({ most: 100 })), []);
});

test('a soak is told in Markdown and drawn as pictures, and a day of it is no more points than an hour', () => {
  const run = soaked(60, 0);
  const summary = analyse(run.manifest, run.trials);
  assert.match(renderMarkdown(summary, '', soakOf(run)), /## Memory over the soak\n\n- Memory of direct, chat-minimal/);
  const [first] = soakPictures(run, summary, { png: false, looks: ['light'] });
  assert.equal(first?.name, 'charts/soak-direct-chat-minimal.svg');
  assert.match(String(first?.content), /minute of the soak/);
  const { charts } = pageModel(summary, '', run).scenarios[0] ?? assert.fail();
  const points = charts.flatMap(({ drawing }) =>
    drawing?.kind === 'lines' ? drawing.lines.map(({ ys }) => ys.length) : [],
  );
  assert.ok(Math.max(...points) <= 1200, String(Math.max(...points)));
  assert.match(
    charts.find(({ key }) => key === 'memory-time')?.sentence ?? '',
    /Each point is the highest of 3 seconds/,
  );
});
