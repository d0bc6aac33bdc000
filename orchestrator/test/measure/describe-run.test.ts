import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withParts } from '#src/analyse/parts.js';
import { describeRun } from '#src/measure/describe-run.js';
import { manifestSchema } from '#src/record/manifest.js';
import { FakeRuntime } from '../support/fake-runtime.js';
import { planOf } from '../support/plan-of.js';

test('a manifest holds what its parts of a mix are judged by', async () => {
  const raw = { mix: 'chat-stream=3,error-storm=1', rps: '200' };
  const plan = planOf(raw);
  const runtime = new FakeRuntime();
  const described = await describeRun({
    id: 'a',
    startedAt: '',
    asked: raw,
    settings: null,
    plan,
    contestants: [],
    runtime,
    driver: {},
    pinning: null,
    awake: null,
  });
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
