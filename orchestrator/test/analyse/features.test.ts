import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { isContender } from '#src/catalogue/feature.js';
import type { Manifest } from '#src/record/manifest.js';
import { summarySchema } from '#src/record/summary.js';
import type { TrialRecord } from '#src/record/trial.js';
import { renderMarkdown } from '#src/report/markdown.js';
import { renderTable } from '#src/report/terminal-table.js';
import { lehmer, lognormalDistribution, normal, syntheticRun } from './synthetic-run.js';

const MIB = 2 ** 20;
const NOTE = {
  code: 'feature-attested',
  message: 'auth works: a wrong key is refused with status 401',
  evidence: { status: 401 },
};
const AT = { scenario: 'chat-minimal', level: { kind: 'rps' as const, value: 100 } };

/** crabllm twice as it is, and with a feature that costs so much more. */
function featuredRun(
  addedUs: number,
  {
    cpuUs = 0,
    memoryBytes = 0,
    notes = [NOTE],
  }: { cpuUs?: number; memoryBytes?: number; notes?: (typeof NOTE)[] } = {},
): { manifest: Manifest; trials: TrialRecord[] } {
  const { manifest, trials } = syntheticRun({ blocks: 6, most: 100 });
  const random = lehmer(11);
  const target = manifest.targets.find(({ name }) => name === 'crabllm') ?? assert.fail();
  const variant = (name: string, absent: Manifest['targets'][number]['absent'] = null) => ({
    ...target,
    name: `crabllm+${name}`,
    variant: { of: 'crabllm', name, differs: [] },
    absent,
  });
  const like = (
    trial: TrialRecord,
    name: string,
    more: { us: number; cpuUs: number; memoryBytes: number },
  ): TrialRecord => {
    const { load, resources } = trial;
    if (load === null || resources === null) return assert.fail();
    const medianUs = (590 + more.us) * Math.exp(0.01 * normal(random));
    return {
      ...trial,
      target: `crabllm+${name}`,
      load: { ...load, latencyUs: lognormalDistribution(random, { medianUs, sigma: 0.3, perSecond: 100, seconds: 5 }) },
      resources: {
        ...resources,
        cpuUs: (resources.cpuUs ?? 0) * (1 + more.cpuUs / 110 + 0.01 * normal(random)),
        memoryPeakBytes: Math.round((resources.memoryPeakBytes ?? 0) + more.memoryBytes + 0.05 * MIB * normal(random)),
      },
    };
  };
  const own = trials.filter(({ target: name, scenario }) => name === 'crabllm' && scenario === 'chat-minimal');
  const none = { us: 0, cpuUs: 0, memoryBytes: 0 };
  return {
    manifest: {
      ...manifest,
      scenarios: manifest.scenarios.filter(({ name }) => name === 'chat-minimal'),
      targets: [
        ...manifest.targets,
        variant('bare'),
        variant('auth'),
        variant('otel', { code: 'not-offered', message: 'crabllm does not offer otel: it sends no spans' }),
      ],
    },
    trials: [
      ...trials.filter(({ scenario, target: name }) => scenario === 'chat-minimal' && name !== 'crabllm'),
      ...own.map((trial) => ({ ...like(trial, 'bare', none), target: 'crabllm' })),
      ...own.map((trial) => like(trial, 'bare', none)),
      ...own.map((trial) => ({ ...like(trial, 'auth', { us: addedUs, cpuUs, memoryBytes }), warnings: notes })),
    ],
  };
}

const summaryOf = (run: ReturnType<typeof featuredRun>) => analyse(run.manifest, run.trials);
const authOf = (run: ReturnType<typeof featuredRun>) =>
  summaryOf(run).features?.find(({ feature }) => feature === 'auth') ?? assert.fail();

test('what a feature adds is told against its gateway as it is, with how it was seen to work', () => {
  const run = featuredRun(300, { cpuUs: 55, memoryBytes: 4 * MIB });
  const summary = summaryOf(run);
  assert.deepEqual(summarySchema.parse(summary), summary);
  const auth = authOf(run);
  assert.equal(auth.state, 'ok');
  assert.equal(auth.blocks, 6);
  assert.deepEqual(
    { ...AT, gateway: 'crabllm' },
    { scenario: auth.scenario, level: auth.level, gateway: auth.gateway },
  );
  assert.deepEqual(auth.attested, { by: 'a wrong key is refused with status 401', evidence: { status: 401 } });
  const { p50 } = auth.addedUs ?? {};
  assert.equal(p50?.verdict, 'above');
  assert.ok(p50 !== undefined && p50.low < 300 && p50.high > 300, JSON.stringify(p50));
  assert.equal(auth.cpuUsPerRequest?.verdict, 'above');
  assert.equal(auth.memoryBytes?.verdict, 'above');
  assert.ok(auth.memoryBytes.low < 4 * MIB && auth.memoryBytes.high > 4 * MIB);
});

test('a feature that costs nothing is within what the gateway differs by from itself', () => {
  const auth = authOf(featuredRun(0));
  assert.equal(auth.addedUs?.p50?.verdict, 'within-noise');
  assert.equal(auth.cpuUsPerRequest?.verdict, 'within-noise');
  assert.equal(auth.memoryBytes?.verdict, 'within-noise');
});

test('a feature whose trials do not say that it was seen to work has no figures', () => {
  const auth = authOf(featuredRun(300, { notes: [] }));
  assert.equal(auth.state, 'absent');
  assert.equal(auth.reason?.code, 'feature-unproved');
  assert.equal(auth.addedUs, undefined);
});

test('what is not offered says why, and a gateway without usable trials gives nothing to compare with', () => {
  const run = featuredRun(300);
  const otel = summaryOf(run).features?.find(({ feature }) => feature === 'otel');
  assert.equal(otel?.state, 'not-offered');
  assert.match(otel.reason?.message ?? '', /sends no spans/);
  const without = run.trials.filter(({ target }) => target !== 'crabllm' && target !== 'crabllm+bare');
  assert.equal(authOf({ ...run, trials: without }).reason?.code, 'bare-missing');
});

test('a run without variants has no such part', () => {
  const { manifest, trials } = syntheticRun({ blocks: 2, most: 100 });
  assert.equal(analyse(manifest, trials).features, undefined);
});

test('a feature has no place among the gateways, nor has the gateway once more; a configuration of it has', () => {
  const run = featuredRun(300);
  const summary = summaryOf(run);
  const contenders = ['crabllm', 'litellm', 'portkey', 'bifrost'];
  assert.ok(summary.ranking.some(({ places }) => places.some(({ target }) => target === 'crabllm')));
  for (const { places, unplaced } of summary.ranking)
    for (const target of [...places.map((place) => place.target), ...unplaced])
      assert.ok(contenders.includes(target), target);
  assert.deepEqual(
    ['crabllm', 'crabllm+bare', 'crabllm+auth@0.0.24', 'crabllm+auth:mine', 'crabllm+ext', 'crabllm@1+auth'].filter(
      isContender,
    ),
    ['crabllm', 'crabllm+ext', 'crabllm@1+auth'],
  );
});

test('what is not offered is told with the features, and not among the absent once more', () => {
  const text = renderTable(summaryOf(featuredRun(300)), { columns: 120, colour: false });
  assert.equal(text.match(/does not offer otel/g)?.length, 1);
  assert.match(text, /bifrost is absent/);
  assert.doesNotMatch(renderMarkdown(summaryOf(featuredRun(300)), 'ruler'), /\*\*crabllm\+otel\*\*/);
});

test('the page has the matrix, a line a feature and gateway', () => {
  const page = renderMarkdown(summaryOf(featuredRun(300)), 'ruler');
  assert.match(page, /## What features cost/);
  assert.match(
    page,
    /\| auth \| crabllm \| \+0\.\d+ \\\[0\.\d+, 0\.\d+\\\] ▲ \|.*a wrong key is refused with status 401 \|/,
  );
  assert.match(page, /\| otel \| crabllm \|.*not offered: crabllm does not offer otel: it sends no spans \|/);
});
