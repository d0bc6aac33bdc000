import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { FeatureProof } from '#src/catalogue/feature.js';
import { SCENARIOS } from '#src/catalogue/scenarios.js';
import { executePlan } from '#src/execute/execute.js';
import { makePlan } from '#src/plan/plan.js';
import type { TrialRecord } from '#src/record/trial.js';
import { FakeDriver, FakeRuntime, fakeService } from '../support/fake-runtime.js';
import { fakeStage } from '../support/fake-stage.js';

const chat = SCENARIOS.find(({ name }) => name === 'chat-minimal') ?? assert.fail();
const NAME = 'gw+rate-limit';

/** One visit of a variant whose limit has to be seen. @param limited whether instances refuse */
async function visit(attest: FeatureProof) {
  const hostPath = join(mkdtempSync(join(tmpdir(), 'features-')), 'gw.toml');
  writeFileSync(hostPath, 'limit = 1000\n');
  const runtime = new FakeRuntime();
  const trials: TrialRecord[] = [];
  const service = {
    ...fakeService(NAME),
    variant: { of: 'gw', name: 'rate-limit' },
    attest,
    mounts: [{ hostPath, containerPath: '/etc/gw.toml' }],
  };
  const stage = fakeStage(runtime, new FakeDriver());
  const plan = makePlan({
    seed: 3,
    targets: [{ name: NAME, kind: 'gateway', identity: NAME, startMs: 0 }],
    scenarios: [{ scenario: chat, levels: [{ kind: 'rps', value: 100 }] }],
    driver: 'native',
    blocks: 1,
    durationMs: 100,
    warmupMs: 0,
  });
  await executePlan(plan, {
    ...stage,
    targets: new Map([[NAME, { name: NAME, kind: 'gateway', service, runtime, limitsEnforced: true }]]),
    progress: { ...stage.progress, trialDone: (trial) => trials.push(trial) },
  });
  return { trials, diary: runtime.diary };
}

test('what cannot be seen to work is absent, after an instance of its own was asked before the visit', async () => {
  const { trials, diary } = await visit({ by: 'limit', change: { from: 'limit = 1000', to: 'limit = 1' } });
  const [trial] = trials;
  assert.equal(trial?.state, 'absent');
  assert.equal(trial?.reason?.message, 'rate-limit was not seen to work: with a limit of 1 it answers 5 requests');
  assert.deepEqual(diary, [
    'start mock',
    `start ${NAME}`,
    `stop ${NAME}`,
    `start ${NAME}`,
    `stop ${NAME}`,
    'stop mock',
  ]);
});

test('an entry that would change what nothing of it has is told so, and no instance is started for it', async () => {
  const { trials, diary } = await visit({ by: 'limit', change: { from: 'limits = 1000', to: 'limits = 1' } });
  assert.match(
    trials[0]?.reason?.message ?? '',
    /its entry changes "limits = 1000" to attest it, and nothing of it has/,
  );
  assert.equal(diary.filter((line) => line === `start ${NAME}`).length, 1);
});
