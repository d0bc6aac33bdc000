import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONDUCT_CASES, conductLoadMs, conductTimeline, paceOf } from '#src/plan/conduct-cases.js';

const PACE = { beforeMs: 2000, faultMs: 6000, afterMs: 4000, rps: 50 };

test('a case has a name of its own', () => {
  const names = CONDUCT_CASES.map(({ name }) => name);
  assert.deepEqual([...new Set(names)], names);
});

test('phases follow each other, and are loaded whole though they begin half a second late', () => {
  for (const played of CONDUCT_CASES) {
    const { phases } = conductTimeline(played, PACE);
    assert.deepEqual(
      phases.map(({ name, from }) => [name, from]),
      [
        ['before', '0ms'],
        ['fault', '2000ms'],
        ['after', '8000ms'],
      ],
    );
  }
  assert.equal(conductLoadMs(PACE), 12_500);
});

test('one provider fails, or all of them', () => {
  const faultOf = (name: string): object => {
    const played = CONDUCT_CASES.find((each) => each.name === name);
    assert.ok(played);
    const [, { name: _, from: __, ...story }] = conductTimeline(played, PACE).phases as [
      object,
      { name: string; from: string },
    ];
    return story;
  };
  const always = { latency: { plain: 5, ttft: 5, gap: 1 } };
  const down = { ...always, faults: [{ fault: 'error:503' }] };
  // The second provider says more than the first: usage tells whose an answer is.
  assert.deepEqual(faultOf('outage-503'), { ...always, providers: { a: down, b: { ...always, tokens: 24 } } });
  assert.deepEqual(faultOf('everything-down'), { ...down, providers: { b: { ...down, tokens: 24 } } });
});

test('an overload is one at every pace: both providers together answer two fifths of the load', () => {
  const overload = CONDUCT_CASES.find(({ name }) => name === 'overload');
  assert.ok(overload);
  for (const rps of [5, 50, 500]) {
    const [, fault] = conductTimeline(overload, { ...PACE, rps }).phases;
    const { capacity, latency } = fault as unknown as { capacity: { slots: number }; latency: { plain: number } };
    assert.equal((capacity.slots / latency.plain) * 1000, rps / 5);
  }
});

test('a case is asked as hard as a person wants, and no harder than it can be told from', () => {
  const rpsOf = (name: string, rps: number): number | undefined => {
    const played = CONDUCT_CASES.find((each) => each.name === name);
    return played === undefined ? undefined : paceOf(played, { ...PACE, rps }).rps;
  };
  assert.deepEqual(
    [rpsOf('outage-503', 10), rpsOf('outage-long', 10), rpsOf('stalled-long', 50), rpsOf('stalled-long', 3)],
    [10, 10, 5, 3],
  );
});

test('what takes longer has phases of its own, and what nothing has to come back from is brief', () => {
  const faultOf = (name: string, faultMs: number): number | undefined => {
    const played = CONDUCT_CASES.find((each) => each.name === name);
    return played === undefined ? undefined : paceOf(played, { ...PACE, faultMs }).faultMs;
  };
  assert.deepEqual(
    [faultOf('outage-503', 8000), faultOf('bad-request', 8000), faultOf('bad-request', 3000)],
    [8000, 5000, 3000],
  );
  // Ejections and breakers last 30 s by default, and a client of forty seconds is loaded until its last stream ends.
  assert.ok((faultOf('outage-long', 8000) ?? 0) > 30_000);
  const stalled = CONDUCT_CASES.find(({ name }) => name === 'stalled-long');
  assert.ok(stalled !== undefined && paceOf(stalled, PACE).afterMs > stalled.patienceMs);
});

test('a fault lasts longer than the patience of those whose leaving is told, except where it has a case of its own', () => {
  for (const played of CONDUCT_CASES.filter(({ kind }) => kind === 'slow' || kind === 'leave'))
    assert.ok(played.patienceMs < 5000, played.name);
});
