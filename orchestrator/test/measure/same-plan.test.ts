import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSamePlan } from '#src/measure/same-plan.js';
import type { Plan } from '#src/plan/plan.js';
import type { TargetRecord } from '#src/record/manifest.js';
import { MANIFEST } from '../support/stored-run.js';

const TARGET: TargetRecord = {
  name: 'crabllm',
  kind: 'gateway',
  url: 'http://127.0.0.1:6666',
  version: '0.0.25',
  digest: null,
  limits: { cpus: 2, memoryBytes: null, enforced: true },
  absent: null,
};
const ABSENT: TargetRecord = { ...TARGET, absent: { code: 'not-installed', message: 'not on PATH' } };
const PLAN = { digest: MANIFEST.planDigest } as Plan;
const stored = { ...MANIFEST, targets: [TARGET] };
const check =
  (now: { digest?: string; versions?: Record<string, string>; targets?: TargetRecord[] }, before = stored) =>
  () =>
    checkSamePlan(
      { ...PLAN, digest: now.digest ?? PLAN.digest },
      before,
      now.versions ?? MANIFEST.versions,
      now.targets ?? [TARGET],
    );

test('the same plan on the same versions is resumed', () => {
  assert.doesNotThrow(check({}));
});

test('the same CPUs are the same, others are not', () => {
  const pinning = {
    state: 'pinned',
    asked: 'auto',
    usable: '0-3',
    mock: '1',
    target: '2',
    driver: '3',
    rest: '0',
  } as const;
  const resume = (now: typeof pinning | undefined) => () =>
    checkSamePlan(PLAN, { ...stored, pinning }, MANIFEST.versions, [TARGET], now);
  assert.doesNotThrow(resume({ ...pinning }));
  assert.throws(resume(undefined), /pinning was \{.*"target":"2".*\} and is not given now/);
});

test('another configuration is another target, where the record has one', () => {
  const before = { ...stored, targets: [{ ...TARGET, configuration: 'a' }] };
  assert.doesNotThrow(check({ targets: [{ ...TARGET, configuration: 'a' }] }, before));
  assert.doesNotThrow(check({ targets: [{ ...TARGET, configuration: 'b' }] }));
  assert.throws(check({ targets: [{ ...TARGET, configuration: 'b' }] }, before), /crabllm is configured otherwise now/);
});

test('whatever makes trials incomparable is refused by name', () => {
  assert.throws(check({ versions: { 'crabllm-bench': '0.2.0' } }), /crabllm-bench was "0\.1\.0" and is "0\.2\.0" now/);
  assert.throws(check({ targets: [{ ...TARGET, version: '0.0.26' }] }), /crabllm was 0\.0\.25 and is 0\.0\.26 now/);
  assert.throws(check({ targets: [ABSENT] }), /crabllm cannot be had now: not on PATH/);
  assert.throws(check({}, { ...MANIFEST, targets: [ABSENT] }), /crabllm was absent and can be had now/);
  assert.throws(check({ targets: [] }), /crabllm is not asked for any more/);
  assert.throws(check({ digest: 'other' }), /the plan is laid out differently/);
});
