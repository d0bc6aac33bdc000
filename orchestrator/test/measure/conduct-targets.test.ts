import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCatalogue } from '#src/catalogue/catalogue.js';
import { COMPOSE_FILE } from '#src/catalogue/compose-file.js';
import { describeConductPlan } from '#src/measure/conduct-plan-text.js';
import { askedOf, conductCandidates } from '#src/measure/conduct-targets.js';
import { CONDUCT_CASES, isPlayed } from '#src/plan/conduct-cases.js';
import { FakeRuntime } from '../support/fake-runtime.js';

const catalogue = readCatalogue([COMPOSE_FILE]);
const runtime = new FakeRuntime();

function namesOf(gateways: readonly string[] | null, variants: readonly string[] = [], quick = false): string[] {
  return conductCandidates({ gateways, variants, quick }, catalogue, runtime, runtime).map(({ target }) => target.name);
}

test('a gateway is measured in its variants for failing providers, one without any as it is', () => {
  assert.deepEqual(namesOf(['portkey', 'bifrost']), [
    'direct',
    'portkey+defaults',
    'portkey+resilient',
    'portkey+defaults-one',
    'portkey+resilient-one',
    'bifrost',
  ]);
  assert.deepEqual(namesOf(['crabllm+bare', 'litellm+resilient']), ['direct', 'crabllm+bare', 'litellm+resilient']);
  assert.deepEqual(namesOf(['portkey'], [], true), ['direct', 'portkey+resilient']);
  assert.deepEqual(namesOf(['crabllm'], ['defaults']), ['direct', 'crabllm', 'crabllm+bare', 'crabllm+defaults']);
});

test('all that there are need not all be there', () => {
  const all = conductCandidates({ gateways: null, variants: [], quick: false }, catalogue, runtime, runtime);
  assert.deepEqual(
    all.filter(({ named }) => named).map(({ target }) => target.name),
    ['direct'],
  );
});

test('one provider is asked of where that is another thing, what lasts long and the control once', () => {
  const [direct, two, one] = ['direct', 'crabllm+defaults', 'crabllm+defaults-one'].map(
    (name) =>
      conductCandidates({ gateways: [name], variants: [], quick: false }, catalogue, runtime, runtime).find(
        ({ target }) => target.name === name,
      )?.target,
  );
  assert.ok(direct !== undefined && two !== undefined && one !== undefined);
  const played = (target: typeof direct, block: number, casesNamed = false): string[] =>
    CONDUCT_CASES.filter((each) => isPlayed(each, askedOf(target, { casesNamed }, block))).map(({ name }) => name);
  assert.deepEqual(played(one, 1), ['outage-503', 'outage-503-stream', 'brown-out', 'rate-limit']);
  assert.equal(played(one, 1, true).length, CONDUCT_CASES.length);
  assert.deepEqual([played(direct, 1).length, played(direct, 2).length], [CONDUCT_CASES.length, 0]);
  assert.deepEqual(
    CONDUCT_CASES.map(({ name }) => name).filter((name) => !played(two, 2).includes(name)),
    ['outage-long', 'stalled-long'],
  );
});

test('three gateways in all their variants and three blocks take less than three hours', () => {
  const available = { state: 'available', version: null, digest: null, limitsEnforced: false } as const;
  const present = conductCandidates(
    { gateways: ['crabllm', 'litellm', 'portkey'], variants: [], quick: false },
    catalogue,
    runtime,
    runtime,
  ).map((each) => ({ ...each, availability: available }));
  const pace = { beforeMs: 3000, faultMs: 8000, afterMs: 7000, rps: 50 };
  const text = describeConductPlan({ cases: CONDUCT_CASES, casesNamed: false, pace, blocks: 3 }, present);
  assert.match(text, /about 2 h|about 1\d\d min/);
});
