import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { conductOf } from '#src/analyse/conduct/over-run.js';
import { exactly, madePlayed } from './made-run.js';

const HALF = [{ name: 'gateway', primaryShare: 0.5 }];

function accusedOf(cases: readonly (readonly [string, number])[], name: string): string[] {
  const played = cases.map(([each, share]) => madePlayed('gateway', 1, each, { splitBefore: exactly(share) }));
  const found = conductOf(played, HALF).find((each) => each.case === name);
  return (found?.accusations ?? assert.fail(name)).map(({ row }) => row);
}

describe('a split that is not the configured one', () => {
  it('speaks against a target that nothing has made leave its primary alone yet', () => {
    assert.deepEqual(accusedOf([['outage-503', 0.2]], 'outage-503'), ['splitOffBefore']);
    assert.deepEqual(accusedOf([['outage-503', 0.5]], 'outage-503'), []);
  });

  it('is, in later cases, what the case before has taught it, unless it asks the primary more often', () => {
    const later = (share: number): string[] =>
      accusedOf(
        [
          ['outage-503', 0.5],
          ['brown-out', share],
        ],
        'brown-out',
      );
    assert.deepEqual(later(0), []);
    assert.deepEqual(later(0.9), ['splitOffBefore']);
  });
});

it('the mock by itself is accused of nothing: what it does is planted', () => {
  const rows = { stallBoundUs: { state: 'beyond-phase', reason: 'none ended', value: 5e6 } as const };
  const of = (target: string): number =>
    conductOf([madePlayed(target, 1, 'stalled-streams', rows)], [{ name: target }])[0]?.accusations.length ?? -1;
  assert.deepEqual([of('direct'), of('gateway')], [0, 1]);
});
