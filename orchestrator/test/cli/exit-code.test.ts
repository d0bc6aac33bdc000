import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capacityExitCodeOf, exitCodeOf, gapText } from '#src/cli/exit-code.js';
import type { Contestant } from '#src/measure/targets.js';
import type { CapacityAnswer } from '#src/record/capacity.js';
import type { Summary } from '#src/record/summary.js';

type State = Summary['cells'][number]['state'];

/** The exit code of a run of `direct` and one gateway, which has one cell in this state. */
function exitWith(state: State, named: boolean): number {
  const cell = (target: string, own: State) => ({ target, state: own }) as Summary['cells'][number];
  const contestant = (name: string, byName: boolean) => ({ named: byName, target: { name } }) as Contestant;
  return exitCodeOf({ cells: [cell('direct', 'ok'), cell('gw', state)] }, [
    contestant('direct', true),
    contestant('gw', named),
  ]);
}

test('a saturated cell is a result, named or not', () => {
  for (const state of ['ok', 'saturated'] as const)
    assert.deepEqual([exitWith(state, true), exitWith(state, false)], [0, 0], state);
});

test('a gateway that failed, or could not be judged, is a gap, named or not', () => {
  for (const state of ['failed', 'invalid'] as const)
    assert.deepEqual([exitWith(state, true), exitWith(state, false)], [3, 3], state);
});

test('a gateway that is absent is a gap where it was asked for by name', () => {
  assert.deepEqual([exitWith('absent', true), exitWith('absent', false)], [3, 0]);
});

test('what a gateway does not offer is no gap', () => {
  const cell = {
    target: 'gw',
    state: 'absent',
    reason: { code: 'not-offered', message: '' },
  } as unknown as Summary['cells'][number];
  const contestants = [{ named: true, target: { name: 'gw', kind: 'gateway' } }] as Contestant[];
  assert.equal(exitCodeOf({ cells: [cell] }, contestants), 0);
  assert.equal(gapText({ cells: [cell] }, contestants), null);
});

test('a gap of direct alone is told from a gateway that failed, though both end with 3', () => {
  const cell = (target: string, state: State) => ({ target, state }) as Summary['cells'][number];
  const contestants = ['direct', 'gw', 'gone'].map(
    (name) =>
      ({ named: name !== 'gw', target: { name, kind: name === 'direct' ? 'direct' : 'gateway' } }) as Contestant,
  );
  const text = (...cells: [string, State][]) =>
    gapText({ cells: cells.map(([name, state]) => cell(name, state)) }, contestants);
  assert.equal(text(['direct', 'ok'], ['gw', 'saturated']), null);
  assert.equal(
    text(['direct', 'invalid'], ['direct', 'ok'], ['gw', 'ok']),
    'The table has gaps: no gateway failed, but direct in 1 of 2 cells could not be judged: there it is not known what a gateway adds.',
  );
  assert.equal(
    text(['direct', 'invalid'], ['gw', 'failed'], ['gw', 'ok'], ['gone', 'absent']),
    'The table has gaps: failed or could not be judged: gw in 1 of 2 cells; asked for and not there: gone; direct in 1 of 1 cells could not be judged either.',
  );
});

/** The exit code of a search among `direct` and one gateway, which has one answer. */
function searchExitsWith(reason: string | null, { named, available }: { named: boolean; available: boolean }): number {
  const availability = { state: available ? 'available' : 'absent' };
  const contestant = { named, target: { name: 'gw' }, availability } as Contestant;
  return capacityExitCodeOf({ answers: [{ target: 'gw', reason } as CapacityAnswer] }, [contestant]);
}

test('of a search, a capacity is a result, and one that is not settled or a gateway that failed is a gap, named or not', () => {
  for (const named of [true, false]) {
    assert.equal(searchExitsWith(null, { named, available: true }), 0);
    assert.equal(searchExitsWith('it answers something else', { named, available: true }), 3);
  }
});

test('of a search, a gateway that is absent is a gap where it was asked for by name', () => {
  const absent = (named: boolean) => searchExitsWith('not installed', { named, available: false });
  assert.deepEqual([absent(true), absent(false)], [3, 0]);
});
