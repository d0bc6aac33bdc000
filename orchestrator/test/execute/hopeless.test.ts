import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Hopeless } from '#src/execute/hopeless.js';
import type { TrialState } from '#src/record/trial.js';
import { TRIAL } from '../support/stored-run.js';

function hopeless(...trials: readonly (readonly [block: number, rps: number, state: TrialState])[]): Hopeless {
  const noted = new Hopeless();
  for (const [block, value, state] of trials) {
    const reason = state === 'saturated' ? { code: 'saturated', message: `saturated at 49/${value} rps` } : null;
    noted.note({
      ...TRIAL,
      block,
      target: 'gw',
      scenario: 'chat',
      level: { kind: 'rps', value },
      state,
      reason,
    });
  }
  return noted;
}

const implied = (noted: Hopeless, value: number) => noted.implied('gw', 'chat', { kind: 'rps', value })?.code ?? null;

describe('what is out of reach', () => {
  it('is a rate above one that saturated in two blocks', () => {
    const twice = hopeless([1, 50, 'saturated'], [2, 50, 'saturated']);
    assert.deepEqual([implied(twice, 200), implied(twice, 50), implied(twice, 20)], ['implied', null, null]);
    assert.equal(
      implied(hopeless([1, 50, 'saturated'], [1, 50, 'saturated']), 200),
      null,
      'two trials of a block are one',
    );
  });

  it('is none where a higher rate was kept up with: then the lower one’s windows say something else', () => {
    const held = hopeless([1, 50, 'saturated'], [1, 200, 'valid'], [2, 50, 'saturated']);
    assert.deepEqual([implied(held, 200), implied(held, 500)], [null, null]);
    const above = hopeless([1, 200, 'valid'], [1, 500, 'saturated'], [2, 500, 'saturated']);
    assert.equal(implied(above, 1000), 'implied');
  });
});
