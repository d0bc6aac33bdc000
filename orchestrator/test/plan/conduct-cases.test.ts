import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONDUCT_CASES, conductLoadMs, conductTimeline } from '#src/plan/conduct-cases.js';

const PACE = { beforeMs: 2000, faultMs: 6000, afterMs: 4000, rps: 50 };

test('a case has a name of its own', () => {
  const names = CONDUCT_CASES.map(({ name }) => name);
  assert.deepEqual([...new Set(names)], names);
});

test('phases follow each other, and are loaded whole though they begin a second late', () => {
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
  assert.equal(conductLoadMs(PACE), 13_000);
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
  assert.deepEqual(faultOf('outage-503'), { ...always, providers: { a: down } });
  assert.deepEqual(faultOf('everything-down'), down);
});
