import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { unevenShares } from '#src/analyse/replicas.js';
import type { TrialRecord } from '#src/record/trial.js';

function trial(target: string, ...requests: readonly (number | null)[]): TrialRecord {
  const level = { kind: 'rps', value: 100 } as const;
  const replicas = requests.map((count, i) => ({ name: `${target}-${i}`, requests: count }));
  return {
    target,
    scenario: 'chat-minimal',
    level,
    ...(replicas.length === 0 ? {} : { replicas }),
  } as unknown as TrialRecord;
}

describe('replicas that did not share the load', () => {
  it('are named with what each of them had', () => {
    const [finding, ...more] = unevenShares([
      trial('a:x2', 500, 500),
      trial('a:x2', 900, 100),
      trial('b:x3', 330, 340, 330),
    ]);
    assert.deepEqual(more, []);
    assert.equal(finding?.target, 'a:x2');
    assert.match(finding?.message ?? '', /in 1 of 2 trials .*at chat-minimal, 100 rps: 90 %, 10 %/);
    assert.deepEqual(finding?.evidence, { replicas: 2, trials: 1, ofTrials: 2, least: 0.2, most: 1.8 });
  });

  it('are told apart from mocks behind a target that did not', () => {
    const { replicas = [], ...rest } = trial('a', 90, 10);
    const [finding, ...more] = unevenShares([{ ...rest, mocks: replicas }]);
    assert.deepEqual([finding?.code, more.length], ['mocks-uneven', 0]);
    assert.match(
      finding?.message ?? '',
      /^The 2 mocks behind it did not share the load: in 1 of 1 trials .*: 90 %, 10 %/,
    );
  });

  it('are not thought of where counts are missing, or there is but one', () => {
    assert.deepEqual(unevenShares([trial('a'), trial('a:x1', 10), trial('a:x2', 10, null), trial('a:x2', 0, 0)]), []);
  });
});
