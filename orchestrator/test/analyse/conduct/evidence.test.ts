import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RowName } from '#src/analyse/conduct/case-rows.js';
import { requestsBehind } from '#src/analyse/conduct/evidence.js';
import type { Attempt, ConductRequest } from '#src/analyse/conduct/fate.js';
import { storyOf } from '#src/analyse/conduct/story.js';
import { CONDUCT_CASES } from '#src/plan/conduct-cases.js';
import { eventsOf, renderStory } from '#src/report/conduct-story.js';
import { attempt, failed, PHASES, request } from './synthetic.js';

function behind(
  row: RowName,
  name: string,
  requests: readonly ConductRequest[],
  attempts: readonly Attempt[],
): string[] {
  const played = CONDUCT_CASES.find((each) => each.name === name);
  assert.ok(played);
  const seen = { requests, attempts, overwritten: 0, phases: PHASES, patienceUs: 1e6 };
  return requestsBehind(row, played, seen).map((fate) => fate.request.id);
}

describe('the requests behind a row', () => {
  test('of an amplification: those that were tried again, the one with most attempts first', () => {
    const requests = [request('once', 2.1e6), request('twice', 2.2e6), request('thrice', 2.3e6)];
    const attempts = [
      attempt('once', 2.1e6),
      ...[0, 1].map((i) => failed('twice', 2.2e6 + i * 1000)),
      ...[0, 1, 2].map((i) => failed('thrice', 2.3e6 + i * 1000)),
    ];
    assert.deepEqual(behind('amplification', 'outage-503', requests, attempts), ['thrice', 'twice']);
  });

  test('of a served share: those in the fault that were not served, and no others', () => {
    const unserved = { outcome: 'status', status: 503 };
    const requests = [request('early', 1e6, unserved), request('amid', 3e6, unserved), request('well', 3.1e6)];
    const attempts = [failed('early', 1e6), failed('amid', 3e6), attempt('well', 3.1e6)];
    assert.deepEqual(behind('servedShare', 'outage-503', requests, attempts), ['amid']);
  });

  test('of a Retry-After that was not waited for: the shortest pause first', () => {
    const limited = { status: 429 };
    const pairs = [
      ['short', 200_000],
      ['shorter', 100_000],
      ['long', 1_100_000],
    ] as const;
    const requests = pairs.map(([id]) => request(id, 2.1e6, { outcome: 'status', status: 429 }));
    const attempts = pairs.flatMap(([id, gapUs]) => [
      failed(id, 2.1e6, { ...limited, endUs: 2.1e6 }),
      failed(id, 2.1e6 + gapUs, limited),
    ]);
    assert.deepEqual(behind('retryAfterHonoured', 'rate-limit', requests, attempts), ['shorter', 'short']);
  });

  test('of a forged end: the streams that have one', () => {
    const requests = [request('forged', 3e6), request('broken', 3.1e6, { outcome: 'truncated', lastByteUs: null })];
    const attempts = requests.map(({ id, dueUs }) => attempt(id, dueUs, { end: 'fault', fault: 'cut' }));
    assert.deepEqual(behind('cutForgedShare', 'cut-streams', requests, attempts), ['forged']);
    assert.deepEqual(behind('cutBrokenShare', 'cut-streams', requests, attempts), ['broken']);
  });

  test('of clients that left: those of which no provider heard', () => {
    const left = { outcome: 'timeout', lastByteUs: null, status: 0 };
    const requests = ['heard', 'unheard'].map((id) => request(id, 3e6, { ...left, endUs: 3.5e6 }));
    const attempts = [
      attempt('heard', 3e6, { end: 'aborted', endUs: 3.5e6 + 10 }),
      attempt('unheard', 3e6, { endUs: 5e6, lastByteUs: 5e6 }),
    ];
    assert.deepEqual(behind('abortPassedShare', 'client-leaves', requests, attempts), ['unheard']);
  });

  test('a request whose fate cannot be told is behind nothing', () => {
    assert.deepEqual(behind('servedShare', 'outage-503', [request('lost', 3e6)], []), []);
  });
});

describe('a request as a story', () => {
  const story = storyOf({
    request: request('r', 3e6, { endUs: 3_100_000, lastByteUs: 3_100_000 }),
    attempts: [
      failed('r', 3_010_000, { endUs: 3_020_000 }),
      attempt('r', 3_060_000, { provider: 'b', endUs: 3_090_000 }),
    ],
    phase: 'fault',
  });

  test('has client and attempts in one order of time', () => {
    assert.deepEqual(
      eventsOf(story.lanes).map(({ atUs, who, what }) => [atUs, who, what]),
      [
        [0, 'client', 'is due to send'],
        [10_000, 'a', 'attempt 1 arrives'],
        [20_000, 'a', 'attempt 1 ends: 503 (error)'],
        [60_000, 'b', 'attempt 2 arrives'],
        [90_000, 'b', 'attempt 2 ends: 200'],
        [100_000, 'client', '200, right and whole'],
      ],
    );
  });

  test('is drawn on one line of time, each end in its place', () => {
    const lines = renderStory(story).split('\n').slice(-4);
    assert.equal(lines[0], `client  |${'='.repeat(60)}|`);
    assert.equal(lines[1], `a       |${' '.repeat(6)}${'x'.repeat(6)}${' '.repeat(48)}|`);
    assert.equal(lines[2], `b       |${' '.repeat(36)}${'='.repeat(18)}${' '.repeat(6)}|`);
  });

  test('of a client that left says so, and of an attempt that nobody ended too', () => {
    const { lanes } = storyOf({
      request: request('r', 3e6, { outcome: 'timeout', status: 0, endUs: 3_500_000, lastByteUs: null }),
      attempts: [attempt('r', 3_010_000, { end: 'open', endUs: null, lastByteUs: null, status: null })],
      phase: null,
    });
    assert.deepEqual(
      lanes.map(({ how, end, untilUs }) => [how, end, untilUs]),
      [
        ['left', 'has no answer, and leaves', 500_000],
        ['failed', 'no answer, is not done', null],
      ],
    );
  });
});
