import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FeatureCost, Verdict } from '#src/record/summary.js';
import { featurePictures } from '#src/report/charts/feature-files.js';
import { THEMES } from '#src/report/charts/theme.js';
import { summaryOf } from '../../analyse/bare-run.js';
import { decodePng } from '../../support/png-pixels.js';

const run = summaryOf({ 'chat-minimal': { direct: [300, 301, 302], portkey: [800, 805, 810] } });

function judged(value: number, verdict: Verdict, ratio: number) {
  return { value, low: value - 20, high: value + 20, verdict, ratio: { value: ratio, low: ratio, high: ratio } };
}

function cost(gateway: string, feature: string, more: Partial<FeatureCost> = {}): FeatureCost {
  return {
    gateway,
    feature,
    target: `${gateway}+${feature}`,
    scenario: 'chat-minimal',
    level: { kind: 'rps', value: 50 },
    state: 'ok',
    blocks: 6,
    addedUs: { p50: judged(310, 'above', 2), p99: judged(10, 'within-noise', 1) },
    cpuUsPerRequest: judged(-90, 'below', 0.95),
    memoryBytes: null,
    ...more,
  };
}

function without(state: 'not-offered' | 'absent' | 'failed', code: string, message: string): Partial<FeatureCost> {
  return { state, reason: { code, message }, blocks: 0 };
}

const FEATURES: readonly FeatureCost[] = [
  cost('crabllm', 'auth'),
  cost('portkey', 'auth', { addedUs: { p50: judged(10, 'within-noise', 1.01) }, cpuUsPerRequest: null }),
  cost('crabllm', 'otel', without('not-offered', 'not-offered', 'it sends no spans')),
  cost('portkey', 'otel', without('absent', 'feature-unproved', 'no span came')),
  cost('crabllm', 'log', without('failed', 'failed', 'it ended')),
  cost('portkey', 'log', without('absent', 'not-installed', 'not installed')),
];

/** The words of a picture, in the order in which they are drawn. */
function wordsIn(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, words = '']) => words);
}

/** How strongly each strip in a colour is filled. */
function strengthsIn(svg: string, colour: string): string[] {
  return [...svg.matchAll(/<path [^>]*>/g)].flatMap(([path]) =>
    path.includes(`fill="${colour}"`) ? (/fill-opacity="([\d.]+)"/.exec(path)?.[1] ?? []) : [],
  );
}

function svgOf(features: readonly FeatureCost[], look: 'light' | 'dark' = 'light'): string {
  const [file] = featurePictures({ ...run, features: [...features] }, { png: false, looks: [look] });
  return String(file?.content);
}

describe('the picture of what features cost', () => {
  it('is one a scenario and level, in each look, and none of a run without variants', () => {
    const at200 = cost('crabllm', 'auth', { level: { kind: 'rps', value: 200 } });
    const files = featurePictures({ ...run, features: [...FEATURES, at200] }, { png: true, looks: ['light', 'dark'] });
    assert.deepEqual(
      files.map(({ name }) => name),
      ['50rps', '50rps-dark', '200rps', '200rps-dark'].flatMap((at) =>
        ['svg', 'png'].map((ending) => `charts/features-chat-minimal-${at}.${ending}`),
      ),
    );
    assert.deepEqual(featurePictures(run, { png: true, looks: ['light'] }), []);
    const png = files.find(({ name }) => name.endsWith('50rps.png'))?.content;
    assert.equal(decodePng(png as Uint8Array).width, 1800);
  });

  it('colours in the colour of the gateway what was told, the more the larger the factor, and nothing else', () => {
    for (const look of ['light', 'dark'] as const) {
      const svg = svgOf(FEATURES, look);
      const { sienna, violet } = THEMES[look].targets;
      // The last three are the legend's, in the colour of the first gateway.
      assert.deepEqual(strengthsIn(svg, sienna), ['0.5', '0.16', '0.16', '0.32', '0.5'], look);
      assert.deepEqual(strengthsIn(svg, violet), [], look);
    }
  });

  it('has every figure with its sign and interval, and a dash for what is not known', () => {
    const words = wordsIn(svgOf(FEATURES));
    assert.ok(words.includes('▲ +0.310 [0.290, 0.330]'));
    assert.ok(words.includes('▼ −90.0 [−110, −70.0]') || words.includes('▼ −90 [−110, −70]'), words.join('|'));
    assert.equal(words.filter((word) => word === '–').length, 4);
  });

  it('marks what is not there, says why below, each reason once', () => {
    const words = wordsIn(svgOf([...FEATURES, cost('crabllm', 'cache', without('failed', 'failed', 'it ended'))]));
    const marked = words.filter((word) => /^[a-z ]+ \[\d\]$/.test(word));
    assert.deepEqual(marked, ['not offered [1]', 'not proven [2]', 'failed [3]', 'absent [4]', 'failed [3]']);
    assert.deepEqual(
      words.filter((word) => /^\[\d\] /.test(word)),
      [
        '[1] not offered: it sends no spans',
        '[2] not proven: no span came',
        '[3] failed: it ended',
        '[4] absent: not installed',
      ],
    );
  });

  it('puts more than three gateways into bands of like width, and draws no name as markup', () => {
    const five = ['crabllm', 'litellm', 'portkey', '<b>mine</b>', 'nginx'].map((name) => cost(name, 'auth'));
    const svg = svgOf(five);
    assert.equal(wordsIn(svg).filter((word) => word === 'auth').length, 2);
    assert.ok(!svg.includes('<b>'));
  });
});
