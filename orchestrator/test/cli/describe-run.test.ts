import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withParts } from '#src/analyse/parts.js';
import { readBenchOptions } from '#src/cli/bench-options.js';
import { chosenScenarios } from '#src/cli/chosen-scenarios.js';
import { describeRun } from '#src/cli/describe-run.js';
import { makePlan } from '#src/plan/plan.js';
import { manifestSchema } from '#src/record/manifest.js';
import { FakeRuntime } from '../support/fake-runtime.js';

test('a manifest holds what its parts of a mix are judged by', async () => {
  const raw = { mix: 'chat-stream=3,error-storm=1', rps: '200' };
  const plan = makePlan({
    seed: 1,
    targets: [],
    scenarios: chosenScenarios(readBenchOptions(raw)),
    driver: 'native',
    blocks: 1,
    durationMs: 1000,
    warmupMs: 0,
  });
  const runtime = new FakeRuntime();
  const described = await describeRun({ id: 'a', startedAt: '', raw, plan, contestants: [], runtime });
  const manifest = manifestSchema.parse(JSON.parse(JSON.stringify(described)));
  assert.deepEqual(
    withParts({ manifest, trials: [] }).manifest.scenarios.map(({ name, streaming, expectedErrorShare, levels }) => [
      name,
      streaming,
      expectedErrorShare,
      levels[0]?.value,
    ]),
    [
      ['mix', true, 0.125, 200],
      ['mix-chat-stream', true, 0, 150],
      ['mix-error-storm', false, 0.5, 50],
    ],
  );
});
