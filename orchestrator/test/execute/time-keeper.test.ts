import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCENARIOS } from '#src/catalogue/scenarios.js';
import { TimeKeeper } from '#src/execute/time-keeper.js';
import { unmeasured } from '#src/execute/trial.js';
import { timeAccountSchema } from '#src/record/time-account.js';
import type { TrialRecord } from '#src/record/trial.js';
import { loadRecord } from '../support/fake-runtime.js';

const FAILED = unmeasured(
  {
    block: 1,
    target: 'gw',
    replica: 1,
    scenario: SCENARIOS[0] ?? assert.fail(),
    level: { kind: 'rps', value: 100 },
  },
  'failed',
  { code: 'exited', message: 'it ended' },
);

test('a window that gave a record was measured, one of two at the same time once, and its warm-up is warm-up', async () => {
  const time = new TimeKeeper();
  const trial: TrialRecord = { ...FAILED, load: loadRecord(100, { windowMs: 5000 }) };
  await time.trials(1000, async () => [trial, trial]);
  await time.trials(1000, async () => [FAILED]);
  const { measuredMs, warmupMs } = timeAccountSchema.parse(time.account());
  assert.deepEqual([measuredMs, warmupMs], [5000, 1000]);
});

test('what was tried in vain took its time too', async () => {
  const time = new TimeKeeper();
  const busy = async (): Promise<never> => {
    const until = performance.now() + 5;
    while (performance.now() < until);
    throw new Error('not ready');
  };
  await assert.rejects(time.during('startingMs', busy), /not ready/);
  assert.ok(time.account().startingMs >= 4);
});
